"""Errors that a person reads: what happened, to which file, and what to do about it."""

from typing import ClassVar


class NameplateError(Exception):
    """The base of every error that is shown to a person.

    Attributes:
        what: What happened, in plain words, without a full stop.
        where: The file, folder or setting it happened to; may be empty.
        remedy: What the person can do, as a sentence; may be empty.
        exit_code: What the command line ends with.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        head = f"{where}: {what}" if where else what
        super().__init__(f"{head}. {remedy}" if remedy else head)


class UsageError(NameplateError):
    """What was asked for cannot be done as it was asked."""


class OutputError(NameplateError):
    """A result could not be written; what was there before is whole."""


class ModelError(NameplateError):
    """A model folder or a device cannot be used."""

    exit_code = 3


class DownloadError(NameplateError):
    """A model could not be downloaded; what has come is kept, and is not fetched again.

    Attributes:
        retry_after: Seconds after which the server may give it; None where waiting does not help.
    """

    exit_code = 3

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.retry_after = retry_after


class ImageError(NameplateError):
    """One image cannot be read; the others go on.

    `what` alone is the reason that stands in the `error` column of a CSV.
    """

    exit_code = 1
