"""The state of a model in the list."""

from dataclasses import dataclass

from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import Progress
from nameplate.features.models.overview import ModelInfo
from nameplate.features.models.sentences import facts_line, format_download
from nameplate.wording.texts import error_text, text_of, what_of


@dataclass(frozen=True, slots=True)
class Activity:
    """A running job on a model.

    Attributes:
        text: Such as “Downloading”.
        progress: In bytes; None if unknown.
        can_be_cancelled: Whether Cancel stops it.
    """

    text: str
    progress: Progress | None = None
    can_be_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of a model.

    Attributes:
        short: For the list, in a few words.
        text: All of it: what, where, what to do.
    """

    short: str
    text: str


def failure_of(error: Exception) -> Failure:
    """Return `error` as text to show."""
    what = what_of(error.reason) if isinstance(error, NameplateError) else str(error)
    return Failure(f"{what[:1].upper()}{what[1:]}", error_text(error))


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One row of the list: a model and its state.

    Attributes:
        info: The facts of the model.
        is_in_use: Whether the window's model is this one.
        activity: The running job; None for none.
        failure: The last error; None for none.
    """

    info: ModelInfo
    is_in_use: bool = False
    activity: Activity | None = None
    failure: Failure | None = None

    @property
    def problem(self) -> str:
        """Why it cannot be used, or the last error; empty for none."""
        if self.failure:
            return self.failure.text
        return text_of(self.info.problem) if self.info.problem else ""

    @property
    def second_line(self) -> str:
        """The line under its title: activity, error or facts."""
        if self.activity is not None:
            shown = self.activity.progress
            return f"{self.activity.text} {format_download(shown)}" if shown else self.activity.text
        if self.failure is not None:
            return self.failure.short
        return "Cannot be used" if self.info.problem else facts_line(self.info)

    @property
    def accessible_text(self) -> str:
        """All of the row, for a screen reader."""
        where = "installed" if self.info.is_here else "not downloaded"
        return f"{self.info.title}, {'in use' if self.is_in_use else where}. {self.second_line}"
