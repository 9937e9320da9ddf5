"""Errors shown to a person: what happened, to which file, and what to do."""

from typing import ClassVar


class NameplateError(Exception):
    """The base of every error that is shown to a person.

    Attributes:
        what: What happened, in plain words, without a full stop.
        where: The file, folder or setting it happened to; may be empty.
        remedy: What the person can do, as a sentence; may be empty.
        exit_code: The exit code of the command line.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        head = f"{where}: {what}" if where else what
        super().__init__(f"{head}. {remedy}" if remedy else head)


class UsageError(NameplateError):
    """A request is invalid."""


class OutputError(NameplateError):
    """A result could not be written; an existing file is unchanged."""


class ModelError(NameplateError):
    """A model folder or a device cannot be used."""

    exit_code = 3


class DownloadError(NameplateError):
    """A model could not be downloaded; a partial download is kept and can be resumed.

    Attributes:
        retry_after: Seconds after which a retry may succeed; None if waiting does not help.
    """

    exit_code = 3

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.retry_after = retry_after


class ImageError(NameplateError):
    """One image cannot be read; the others are not affected.

    `what` alone is the text of the `error` column of a CSV.
    """

    exit_code = 1
