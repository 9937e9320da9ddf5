"""By whom the images of a project are labelled."""

from dataclasses import dataclass

from nameplate.domain.messages import Message


@dataclass(frozen=True, slots=True)
class Delivered:
    """By whom the images of a project are labelled.

    Attributes:
        images: All that there are.
        checked: Those that a person decided, and did not skip.
        skipped: Those that a person skipped.
        automatic: Others with a label.
        suggested: Others that were read.
        unreadable: Others that cannot be read.
        waiting: Others that were not read yet.
    """

    images: int
    checked: int
    skipped: int
    automatic: int
    suggested: int
    unreadable: int
    waiting: int

    @property
    def sentence(self) -> Message | None:
        """What is delivered; None where nothing was decided."""
        if not self.checked:
            return None
        if self.checked == self.images:
            return Message("delivered-checked", {"count": self.images})
        parts = (
            Message("delivered-by-you", {"count": self.checked}),
            Message("delivered-skipped", {"count": self.skipped}),
            Message("delivered-automatic", {"count": self.automatic}),
            Message("delivered-suggested", {"count": self.suggested}),
            Message("delivered-unreadable", {"count": self.unreadable}),
            Message("delivered-waiting", {"count": self.waiting}),
        )
        said = tuple(part for part in parts if part.parameters["count"])
        return Message("delivered", {"count": self.images, "parts": said})
