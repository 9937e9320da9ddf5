"""Pages of images that a person decides at once, in blocks of one suggestion each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import places_among
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.filtering.cells import stacks_shown
from nameplate.domain.filtering.columns import Columns
from nameplate.domain.images import ImageState
from nameplate.domain.labels import LASTING, NO_CONCEPT, DecidedBy
from nameplate.domain.stacks import Stacks
from nameplate.pipeline.pages.selection import (
    alike_page,
    filled_pages,
    first_page,
    riskiest_group,
    some_of,
)
from nameplate.project.label_changes import NO_ROWS, Rows
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions

Projections = NDArray[np.float16] | NDArray[np.float32]
"""A row for each of a project's first images, see `WhitenedSpace.place`."""

Mark = ConceptId
"""What a person says of an image on a page: its right concept, or one of the two below."""

WRONG: Final[Mark] = -1
"""It is not what the page says; what it is, nobody said."""
SKIPPED: Final[Mark] = -2
"""It gets no label."""

Marks = Mapping[int, Mark]
"""By row; an image without a mark is what the page says."""

SURE: Final = 0.98
"""From this probability on, a suggestion is called surely right."""

FEW_OF_EACH: Final = 5
"""Images of each concept on the first page, of which learning takes so many decisions at least."""
_LEAST_OF_EACH: Final = 3
_LEAST_PAGES: Final = 3
"""What fits on so many pages is done before anything learned could help."""

_LEAST_NAMES: Final = 3
"""With fewer, the first page is one like others."""

FEWEST_OF_MANY: Final = 6
"""Images of a further block, where its concept has more than fit. All that a concept has left are a
block, however few: they need no page of their own then."""

_MOST_NAMES: Final = 4
"""Of a page: with more headings the pictures are too small to see what is wrong. With 3, 4, 5 or
any number it took as many actions."""


@dataclass(frozen=True, slots=True)
class Block:
    """A run of images of a page that are suggested as one concept.

    Attributes:
        places: Of its images among those of the page.
    """

    concept: ConceptId
    places: range


@dataclass(frozen=True, slots=True)
class Proposal:
    """The images of a page, each with its suggestion.

    Attributes:
        rows: Of the n images that are shown: by concept, in each those alike next to each other, or
            riskiest first.
        suggested: n int32 ids: what each is suggested as.
        probability: n float32, that of each being that, as it was when the page was made.
        behind: By row, the rows of the rest of its stack, which are not shown and decided as it is.
    """

    rows: Rows
    suggested: NDArray[np.int32]
    probability: NDArray[np.float32]
    behind: Mapping[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The runs of images that are suggested as one concept, in the order of the page."""
        starts = np.flatnonzero(np.diff(self.suggested, prepend=NO_CONCEPT)).tolist()
        ends = [*starts[1:], len(self.rows)]
        return tuple(
            Block(int(self.suggested[start]), range(start, end))
            for start, end in zip(starts, ends, strict=False)
        )

    @property
    def concepts(self) -> tuple[ConceptId, ...]:
        """Those of the blocks."""
        return tuple(block.concept for block in self.blocks)

    @property
    def all_rows(self) -> Rows:
        """Those of the images that turning the page decides, each with the rest of its stack."""
        return self._with(self.behind)[0]

    def shows_as(self, other: "Proposal") -> bool:
        """Whether it shows the same images as the same concepts."""
        return np.array_equal(self.rows, other.rows) and np.array_equal(
            self.suggested, other.suggested
        )

    def only(self, rows: Collection[int]) -> "Proposal":
        """Return the page without images that are not in `rows`."""
        stays = np.isin(self.rows, list(rows))
        behind = {
            row: tuple(one for one in self.behind[row] if one in rows)
            for row in self.rows[stays].tolist()
            if row in self.behind
        }
        behind = {row: rest for row, rest in behind.items() if rest}
        return Proposal(self.rows[stays], self.suggested[stays], self.probability[stays], behind)

    def followed_by(self, other: "Proposal") -> "Proposal":
        """Return a page of the images of both; those of a concept that both have are one block."""
        suggested = np.concatenate([self.suggested, other.suggested])
        _, first, which = np.unique(suggested, return_index=True, return_inverse=True)
        order = np.argsort(first[which], kind="stable")
        return Proposal(
            np.concatenate([self.rows, other.rows])[order],
            suggested[order],
            np.concatenate([self.probability, other.probability])[order],
            {**self.behind, **other.behind},
        )

    def opened(self, rows: Collection[int]) -> "Proposal":
        """Return the page with the stacks of `rows` shown, each beside its first picture."""
        shown = {row: self.behind[row] for row in rows if row in self.behind}
        all_rows, places = self._with(shown)
        left = {row: rest for row, rest in self.behind.items() if row not in shown}
        return Proposal(all_rows, self.suggested[places], self.probability[places], left)

    def _with(self, behind: Mapping[int, tuple[int, ...]]) -> tuple[Rows, Rows]:
        """Return the rows with those of `behind`, and which of `rows` each belongs to."""
        parts = [(row, *behind.get(row, ())) for row in self.rows.tolist()]
        places = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        return np.array([row for part in parts for row in part], np.int64), places


@dataclass(frozen=True, slots=True)
class Candidates:
    """The images that are not checked yet, each with its suggestion.

    Attributes:
        rows: Of n images.
        places: n int64: which of `concepts` each is suggested as.
        probability: n float32 of the suggestion.
        all_rejected: Rows of undecided images that every name was rejected for.
        unread: How many more have no suggestion yet.
        stacks: n numbers of stacks, each of which stands on a page as one; -1 for none.
        is_first: Whether nothing was decided yet, and is to be learned from.
    """

    rows: Rows
    concepts: tuple[Concept, ...]
    places: NDArray[np.int64]
    probability: NDArray[np.float32]
    all_rejected: Rows
    unread: int
    stacks: NDArray[np.int64]
    is_first: bool = False

    @classmethod
    def of(
        cls, project: Project, suggestions: Suggestions, rows: Rows, stacks: Stacks | None = None
    ) -> "Candidates":
        """Return the undecided images among `rows` that can be read and came without a label.

        Where suggestions or decisions within a stack differ, each of its images stands alone.
        """
        images = project.images
        is_open = ~np.isin(project.labels.decided_by, LASTING) & ~images.is_removed
        rows = rows[(is_open & (images.states != ImageState.UNREADABLE))[rows]]
        suggested, probability = suggestions.suggested[rows], suggestions.probability[rows]
        all_rejected = rows[suggestions.all_rejected(rows)]
        ids = np.array([concept.key for concept in project.concepts], np.int32)
        places = places_among(suggested, ids)
        is_named = (places >= 0) & ~np.isnan(probability)
        unread = len(rows) - int(is_named.sum()) - len(all_rejected)
        return cls(
            rows[is_named],
            project.concepts,
            places[is_named],
            probability[is_named],
            all_rejected,
            unread,
            _numbers(project, rows[is_named], suggested[is_named], stacks),
            project.settings.learns and not (project.labels.decided_by == DecidedBy.PERSON).any(),
        )

    def without(self, rows: Rows) -> "Candidates":
        """Return those that are not in `rows`, such as the page that is shown now."""
        stays = ~np.isin(self.rows, rows)
        return replace(
            self,
            rows=self.rows[stays],
            places=self.places[stays],
            probability=self.probability[stays],
            stacks=self.stacks[stays],
            is_first=False,
        )

    def counts(self) -> dict[ConceptId, int]:
        """Return how many images are suggested as each concept, in the person's order."""
        counts = np.bincount(self.places, minlength=len(self.concepts)).tolist()
        return {c.key: n for c, n in zip(self.concepts, counts, strict=True) if n}

    @property
    def surely_right(self) -> int:
        """How many are at least as probable as `SURE`."""
        return int(np.count_nonzero(self.probability >= SURE))

    def pages(self, size: int) -> int:
        """Return how many pages of at most `size` images there are."""
        if few := self._first_few(size):
            return 1 + self.without(few.all_rows).pages(size)
        counts = np.bincount(self.places[self._shown]).tolist()
        return filled_pages(counts, size, FEWEST_OF_MANY, _MOST_NAMES)

    @property
    def _shown(self) -> NDArray[np.int64]:
        """Which of the n are shown: of a stack, the first."""
        is_shown = self.stacks < 0
        among = np.flatnonzero(~is_shown)
        is_shown[among[np.unique(self.stacks[among], return_index=True)[1]]] = True
        return np.flatnonzero(is_shown)

    def next_page(
        self,
        size: int,
        concept: ConceptId | None = None,
        projections: Projections | None = None,
        *,
        is_filled: bool = True,
    ) -> Proposal | None:
        """Return the page to look at next; None where there is none.

        The first of all has a few images of each concept, so that what is learned from the pages
        knows all of them. On others, where a concept has fewer images than fit, the next riskiest
        one follows in a block of its own.

        Args:
            size: The most images on it.
            concept: That of the first block, if it has images; by default the one whose riskiest
                images have the most expected errors.
            projections: Of the project's first images. With them a block has images that are
                alike, the surest one of the concept among them; without them the riskiest ones.
            is_filled: Whether other concepts follow.
        """
        wanted = next((at for at, one in enumerate(self.concepts) if one.key == concept), -1)
        is_wanted = bool((self.places == wanted).any())
        if not is_wanted and (few := self._first_few(size)):
            return few
        place, left = wanted if is_wanted else self.riskiest(size), self
        page = None
        while place >= 0:
            block = left.block(place, size - (len(page.rows) if page else 0), projections)
            page = page.followed_by(block) if page else block
            left = left.without(block.all_rows)
            room = size - len(page.rows)
            is_more = is_filled and room > 0 and len(page.blocks) < _MOST_NAMES
            place = left.riskiest(room, FEWEST_OF_MANY) if is_more else -1
        return page

    def riskiest(self, room: int, fewest: int = 0) -> int:
        """Return the place of the concept of the block that comes next; -1 for none.

        Where there is room for fewer than `fewest`, it is one that fits whole.
        """
        shown = self._shown
        places, risk = self.places[shown], np.clip(1 - self.probability[shown], 0, 1)
        if room < fewest:
            is_whole = (np.bincount(places) <= room)[places]
            places, risk = places[is_whole], risk[is_whole]
        return riskiest_group(places, risk, room)

    def block(self, place: int, room: int, projections: Projections | None) -> Proposal:
        """Return at most `room` images of the concept at a place."""
        shown = self._shown
        places, risk = self.places[shown], np.clip(1 - self.probability[shown], 0, 1)
        chosen = NO_ROWS
        if projections is not None:
            some = some_of(places, place)
            rows = self.rows[shown[some]]
            is_placed = rows < len(projections)  # the others came later
            some, vectors = some[is_placed], projections[rows[is_placed]].astype(np.float32)
            chosen = some[alike_page(vectors, risk[some], room)]
        if not len(chosen):
            chosen = first_page(places, risk, place, room)
        return self._proposal(shown[chosen])

    def _first_few(self, size: int) -> Proposal | None:
        """Return the first page of all: a few random images of each concept, by concept.

        None where it is past, or not worth it, and where there are too few concepts, or too many
        for a page of `size`.
        """
        shown = self._shown
        places = self.places[shown]
        if not self.is_first or len(shown) <= _LEAST_PAGES * size:
            return None
        there: list[int] = np.unique(places).tolist()
        each = min(size // max(1, len(there)), FEW_OF_EACH)
        if len(there) < _LEAST_NAMES or each < _LEAST_OF_EACH:
            return None
        order = np.random.default_rng(0).permutation(len(shown))
        chosen = [np.sort(order[places[order] == place][:each]) for place in there]
        return self._proposal(shown[np.concatenate(chosen)])

    def _proposal(self, chosen: NDArray[np.int64]) -> Proposal:
        """Return the page of those at `chosen`, with their stacks behind them."""
        keys = np.array([c.key for c in self.concepts], np.int32)
        behind, among = dict[int, tuple[int, ...]](), np.flatnonzero(self.stacks >= 0)
        for place in chosen[self.stacks[chosen] >= 0].tolist():
            stack = among[self.stacks[among] == self.stacks[place]]
            if len(stack) > 1:
                rest = self.rows[stack[stack != place]]
                behind[int(self.rows[place])] = tuple(rest.tolist())
        rows, suggested = self.rows[chosen], keys[self.places[chosen]]
        return Proposal(rows, suggested, self.probability[chosen], behind)


def _numbers(
    project: Project, rows: Rows, suggested: NDArray[np.int32], stacks: Stacks | None
) -> NDArray[np.int64]:
    """Return the stack of each of `rows`, without those within which something differs."""
    if stacks is None or not stacks.count:
        return np.full(len(rows), -1, np.int64)
    of_all = np.full(len(project.images), NO_CONCEPT, np.int32)
    of_all[rows] = suggested
    nothing = np.empty(0, np.float32)
    columns = Columns.of(project.images, project.labels, of_all, nothing, nothing)
    return stacks_shown(rows, replace(columns, stacks=stacks.numbers)).of(rows)
