"""The protocol of a source of pages, and the texts that it gives."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from nameplate.pipeline.pages.deciding import PageStep
from nameplate.pipeline.pages.rules import Mark, Rows
from nameplate.project.label_changes import DecisionContext
from nameplate.ui.pages.page import Page
from nameplate.ui.pages.page_picture import PagePicture
from nameplate.wording.texts import listed

LEAVE: Final = "Shift+Del"
"""The key that leaves a block for later."""

P = TypeVar("P", bound=Page)
"""The pages of a source."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a page.

    Attributes:
        progress: How far a person is.
        colour: Of its concept, `#rrggbb`; empty for none.
        how: What is to be done on it; empty where it is what is done on most pages.
        tab: What the key Tab does; empty for nothing.
        surely: How many pictures are surely right; a tool tip.
    """

    title: str
    progress: str
    colour: str = ""
    how: str = ""
    tab: str = ""
    surely: str = ""


@dataclass(frozen=True, slots=True)
class BlockHeading:
    """The heading of a block of a page.

    Attributes:
        size: How many pictures of the page it has.
        name: Of its concept, with its key.
        says: What Enter does with it, such as "9 pictures".
        colour: Of its concept, `#rrggbb`.
        is_later: Whether Enter leaves it undecided.
    """

    size: int
    name: str
    says: str
    colour: str = ""
    is_later: bool = False

    @property
    def text(self) -> str:
        """The text for screen readers."""
        return listed((self.name, self.says))


@dataclass(frozen=True, slots=True)
class NoPage:
    """The reason why there is no page, and the next step.

    Attributes:
        next_step: The text of the button; empty for one that leads back to the pictures.
        go_on: Called when it is pressed.
        waits: Whether there may be one as soon as the scores belong to the names.
    """

    title: str
    text: str = ""
    next_step: str = ""
    go_on: Callable[[], object] = lambda: None
    waits: bool = False


class PageSource(Protocol[P]):
    """Makes pages, their texts, and the steps that mark and turn them.

    A page is shown as it was made until it is turned or is of no use any more. It is told to
    `look` before each question about what there is, at most some times a second.
    """

    def look(self) -> None:
        """Find out which images there are to be looked at now."""
        ...

    def next_page(self, size: int) -> P | NoPage:
        """Return the page to look at next, of about `size` images; a new one, or a draft."""
        ...

    def renewed(self, page: P, size: int) -> P | None:
        """Return the current state of a page that was left; None where another one is due."""
        del size
        return page

    def is_overtaken(self, page: P) -> bool:
        """Whether a page without marks shows suggestions that have changed."""
        del page
        return False

    def resized(self, page: P, size: int) -> P | None:
        """Return a page of another size in place of `page`, with its marks; None for no other."""
        ...

    def ahead(self, page: P, size: int) -> Sequence[Rows]:
        """Return the images of each block of the page that probably comes after `page`."""
        del page, size
        return ()

    def is_stale(self, page: P) -> bool:
        """Whether a page has nothing to decide any more."""
        ...

    def heading(self, page: P, number: int, size: int) -> Heading:
        """Return the heading of the `number`th page; a full one has `size` images."""
        ...

    def blocks(self, page: P, pictures: Sequence[PagePicture]) -> Sequence[BlockHeading]:
        """Return the headings of the blocks of a page; none where it has one block."""
        del page, pictures
        return ()

    def leave(self, page: P, place: int) -> str:
        """Leave the block of the picture at a place undecided, or take that back; say which."""
        del page, place
        return ""

    def turn_text(self, page: P, pictures: Sequence[PagePicture]) -> str:
        """Return the text of the button that turns the page."""
        ...

    def rest_text(self, page: P, pictures: Sequence[PagePicture]) -> str:
        """Return a text about the pictures that turning does not accept; empty for none."""
        del page, pictures
        return ""

    def keeps_from_turning(self, page: P, unseen: Collection[int]) -> str:
        """Return why a page cannot be turned yet; empty where it can.

        Args:
            page: The one that is shown.
            unseen: Rows of images that turned out not to be there, or not to be readable.
        """
        del page, unseen
        return ""

    def keeps_from_naming(self, page: P) -> str:
        """Return why no name can be added on a page; empty where one can."""
        del page
        return ""

    def say(
        self, page: P, rows: Sequence[int], mark: Mark | None, now: DecisionContext
    ) -> PageStep:
        """Return the step by which images of a page are marked; None takes marks off.

        One that has another mark than `WRONG` keeps it if it is only said to be wrong.
        """
        ...

    def decide(self, page: P, unseen: Collection[int], now: DecisionContext) -> PageStep:
        """Return the step that turns a page, without the images `unseen`."""
        ...

    def after(self, page: P) -> None:
        """Note that a page was turned."""

    def put_away(self, page: P) -> None:
        """Note that a page is left before it was turned."""

    def choose(self, page: P, step: int) -> bool:
        """Let the next page be about another name, `step` further; False where there is none."""
        del page, step
        return False
