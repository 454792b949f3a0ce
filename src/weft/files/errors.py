"""What the store of files refuses.

NotFound
└── FileNotFound            not among the user's files
LimitExceeded
├── FileTooLarge            larger than a file may be, or than somebody wants to read at once
├── FilesFull               the user's files would be larger than they may be together
└── ExecutionFilesFull      one execution would have stored more than it may
Conflict
└── FileLost                what came of it so far is gone from the store
"""

from weft.errors import Conflict, LimitExceeded, NotFound


class FileNotFound(NotFound):
    """There is no such file among the user's."""

    code = "FILE_NOT_FOUND"

    def __init__(self, sha256: str, size: int) -> None:
        super().__init__(
            f"there is no stored file of {size:,} bytes with the checksum {sha256[:12]}…", sha256=sha256, size=size
        )


class FileTooLarge(LimitExceeded):
    """The file has more bytes than are allowed here; nothing of it was kept."""

    code = "FILE_TOO_LARGE"


class FilesFull(LimitExceeded):
    """The user's files would have more bytes together than they may; nothing of the new one was kept."""

    code = "FILES_FULL"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"all files of a user may have {limit:,} bytes together, and this one is too much", limit=limit
        )


class ExecutionFilesFull(LimitExceeded):
    """The execution would have stored more bytes than one may; nothing of the new file was kept."""

    code = "EXECUTION_FILES_FULL"

    def __init__(self, limit: int) -> None:
        super().__init__(f"one execution may store files of {limit:,} bytes, and this one is too much", limit=limit)


class FileLost(Conflict):
    """What came of the file so far is gone: it came too slowly, or the database crashed. Putting it again may help."""

    code = "FILE_LOST"

    def __init__(self) -> None:
        super().__init__("the store no longer has what came of the file so far; it must be put again")


def file_too_large(limit: int) -> FileTooLarge:
    """Return the refusal of a file that is larger than any may be."""
    return FileTooLarge(f"a file may have {limit:,} bytes, and this one has more", limit=limit)
