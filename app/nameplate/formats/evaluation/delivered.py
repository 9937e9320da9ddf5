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
    """

    images: int
    checked: int
    skipped: int
    automatic: int

    @property
    def sentence(self) -> Message | None:
        """What is delivered; None where nothing was decided."""
        if not self.checked:
            return None
        if self.checked == self.images:
            return Message("delivered-checked", {"count": self.images})
        rest = self.images - self.checked - self.skipped - self.automatic
        parts = (
            Message("delivered-by-you", {"count": self.checked}),
            Message("delivered-skipped", {"count": self.skipped}),
            Message("delivered-automatic", {"count": self.automatic}),
            Message("delivered-suggested", {"count": rest}),
        )
        said = tuple(part for part in parts if part.parameters["count"])
        return Message("delivered", {"count": self.images, "parts": said})
