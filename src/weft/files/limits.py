"""How large files may be; the operator sets what `FileSettings` lists."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Limits in bytes; a file that is stored already counts once.

    Attributes:
        file_bytes: Largest file.
        execution_bytes: Most that one execution may add to the store.
        user_bytes: Most that all files of one user may have together, those that are just being put included.
    """

    file_bytes: int = 1_000_000_000
    execution_bytes: int = 5_000_000_000
    user_bytes: int = 10_000_000_000
