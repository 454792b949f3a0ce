"""Tables of stored files; docs/design/files.md says why they are these."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from weft.db.base import Base
from weft.files.ports import PIECE_BYTES

_NOW = text("now()")
_NONE = text("0")


class FileRow(Base):
    """A file, or one that is being put: it has no checksum yet, and nobody finds it.

    `touched_at` is when something of it was last written, or the same content was put again.
    """

    __tablename__ = "files"
    __table_args__ = (
        UniqueConstraint("user_id", "sha256"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint("size >= 0", name="size"),
        Index("idx_files_unfinished", "touched_at", postgresql_where=text("sha256 IS NULL")),
        Index("idx_files_execution_id", "execution_id", postgresql_where=text("execution_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(BigInteger)
    execution_id: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(server_default=_NOW)
    touched_at: Mapped[datetime] = mapped_column(server_default=_NOW)


class FilePieceRow(Base):
    """A megabyte of a file, or its end; stored as it is, for compressing it would cost more than it saves."""

    __tablename__ = "file_pieces"
    __table_args__ = (CheckConstraint(f"octet_length(bytes) BETWEEN 1 AND {PIECE_BYTES}", name="bytes"),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[UUID] = mapped_column()
    bytes: Mapped[bytes] = mapped_column(LargeBinary)


class FileUsageRow(Base):
    """How many bytes all files of a user have, those being put included; kept by a trigger on `files`."""

    __tablename__ = "file_usage"
    __table_args__ = ({"postgresql_with": {"fillfactor": "50"}},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger, server_default=_NONE)
