"""`python -m weft.cli`: the program, for those who start it as a process of their own."""

import sys

from weft.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
