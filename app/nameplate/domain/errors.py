"""Errors that are shown to a person, as messages with the file concerned."""

from pathlib import Path
from typing import ClassVar

from nameplate.domain.messages import Message, Parameter


class NameplateError(Exception):
    """The base of every error that is shown to a person.

    `nameplate.wording` has its text and remedy.

    Attributes:
        reason: What happened.
        where: The file, folder or setting it happened to, as valid UTF-8; may be empty.
        exit_code: The exit code of the command line.
    """

    exit_code: ClassVar[int] = 2

    def __init__(
        self, reason: str | Message, /, *, where: str | Message | Path = "", **parameters: Parameter
    ) -> None:
        """Create an error from a message, or from its code and its parameters."""
        self.reason = Message(reason, parameters) if isinstance(reason, str) else reason
        if isinstance(where, Path):  # it may hold bytes that are not valid UTF-8
            where = str(where).encode("utf-8", "backslashreplace").decode()
        self.where = where
        super().__init__(f"{where}: {self.reason}" if where else str(self.reason))

    @property
    def message(self) -> Message:
        """The reason, with the file it is about."""
        if not self.where:
            return self.reason
        return Message("at", {"where": self.where, "reason": self.reason})


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
        self,
        reason: str | Message,
        /,
        *,
        where: str | Message | Path = "",
        retry_after: float | None = None,
        **parameters: Parameter,
    ) -> None:
        super().__init__(reason, where=where, **parameters)
        self.retry_after = retry_after


class ImageError(NameplateError):
    """One image cannot be read; the others are not affected."""

    exit_code = 1
