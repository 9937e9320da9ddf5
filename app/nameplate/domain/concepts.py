"""Concepts: the things a person names."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.text import is_visible, normalised

ConceptId = int
"""Unique in a project; never reused, not even after a deletion."""

LONGEST_NAME: Final = 200
"""In characters. The text encoders read 64 to 77 tokens; a longer name would be truncated."""

MOST_CONCEPTS: Final = 5000
"""Concepts in a file: five times ImageNet's; a longer file is no list of names."""

DEEPEST: Final = 8
"""Parents above one another; `animal > dog` has one."""

PARENT_MARK: Final = " > "
"""Between a parent and its child in a line."""

MOST_PROMPTS: Final = 100
"""Sentences of a concept; the largest published template set has 80."""

LONGEST_PROMPT: Final = 400
"""In characters; the text encoders read 64 to 77 tokens."""

PALETTE: Final = (
    "#4888f8", "#fa7a10", "#83e291", "#fa82be", "#793306", "#23408f",
    "#126872", "#7832e7", "#f3bf0b", "#bb0050", "#2bbef0", "#ed3833",
)  # fmt: skip
"""Colours that can be told apart, by people who see no red or no green, too: a test computes it."""

PLAIN_COLOUR: Final = "#78808e"
"""Of further names, which are told apart by their letters: more colours would be too much alike."""

REJECT_COLOUR: Final = "#8a8f98"


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing the person names.

    Attributes:
        key: Its id; renaming keeps it.
        name: The text of the label; clean (see `clean_name`).
        synonyms: Other names for the same thing; they share its vector and add no weight.
        is_reject: A named "none of these": takes probability, gives no label.
        colour: `#rrggbb`, or empty for the first of the palette that is free.
        prompts: Its own sentences, or templates with `{}` for its names; empty for those of the
            template set.
        threshold: Least probability in [0, 1] for this concept; None for that of the project.
        parent: The id of the concept that it is a kind of; None for none.
    """

    key: int
    name: str
    synonyms: tuple[str, ...] = ()
    is_reject: bool = False
    colour: str = ""
    prompts: tuple[str, ...] = ()
    threshold: float | None = None
    parent: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The name, then its synonyms."""
        return (self.name, *self.synonyms)


def clean_name(text: str) -> str:
    """Return `text` as a name: NFC, no control characters, single spaces.

    Raises:
        UsageError: The name is empty, invisible, or longer than `LONGEST_NAME`.
    """
    name = normalised(text)
    if not is_visible(name):
        raise UsageError("empty-name")
    if len(name) > LONGEST_NAME:
        raise UsageError("long-name", name=name[:24], letters=len(name), most=LONGEST_NAME)
    return name


def add(concepts: Sequence[Concept], line: str, *, least_key: int = 0) -> tuple[Concept, ...]:
    """Return `concepts` with that of `line` (`name | synonym`, `!name`, `parent > name`) added.

    Args:
        concepts: The existing ones.
        line: As typed.
        least_key: Above every key that was ever used, so that none is reused.

    Raises:
        UsageError: The line has no usable name, or the name exists.
    """
    added, wrong = add_all(concepts, [line], least_key=least_key)
    if wrong:
        raise wrong[0][1]
    return added


def add_all(
    concepts: Sequence[Concept], lines: Iterable[str], *, least_key: int = 0
) -> tuple[tuple[Concept, ...], list[tuple[int, UsageError]]]:
    """Return `concepts` with one for each of `lines` added, and the errors of the others.

    Parents that are not there are added too. Each error comes with the index of its line.
    """
    adding, wrong = ConceptAdder(concepts, least_key), list[tuple[int, UsageError]]()
    paths = list[tuple[int, int, tuple[str, ...]]]()
    for place, line in enumerate(lines):
        try:
            above, named = _read(line)
            paths.append((place, adding.add(named), above))
        except UsageError as error:
            wrong.append((place, error))
    # Parents before their children, whatever the order of the lines.
    for place, key, above in sorted(paths, key=lambda path: len(path[2])):
        try:
            adding.put_under(key, above)
        except UsageError as error:
            wrong.append((place, error))
            adding.remove(key)
    return in_tree_order(adding.concepts), sorted(wrong, key=lambda one: one[0])


class ConceptAdder:
    """A list of concepts that new ones are added to, with an index of names."""

    def __init__(self, concepts: Sequence[Concept], least_key: int) -> None:
        self._all = {c.key: c for c in concepts}
        self._keys = {c.name.casefold(): c.key for c in concepts}
        self._next = max(least_key, 1 + max(self._all, default=-1))
        self._used = {c.colour for c in concepts}
        self._before: dict[int, list[int]] = {}  # the parents that were made for a concept
        self._parents = {c.parent for c in concepts}

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """All concepts; parents that were added for one come right before it."""
        order = [k for key in self._all for k in (*self._before.get(key, ()), key)]
        return tuple(self._all[key] for key in dict.fromkeys(order) if key in self._all)

    def key_of(self, name: str) -> ConceptId | None:
        """Return the key of the concept called `name`, ignoring case; None if there is none."""
        return self._keys.get(name.casefold())

    def add(self, named: Concept) -> ConceptId:
        """Add a concept, with a key and a colour of its own; return its key.

        Raises:
            UsageError: The name exists.
        """
        if self.key_of(named.name) is not None:
            raise UsageError("name-twice", name=named.name)
        key, self._next = self._next, self._next + 1
        colour = REJECT_COLOUR if named.is_reject else _first_free(self._used)
        self._all[key] = replace(named, key=key, colour=colour)
        self._keys[named.name.casefold()] = key
        self._used.add(colour)
        return key

    def put_under(self, key: int, above: Sequence[str]) -> None:
        """Set a concept's parents by name, the topmost first; missing ones are added."""
        if not above:
            return
        known = list(map(self.key_of, above))
        for upper, lower in pairwise(known):
            if lower is not None and (upper is None or self._all[lower].parent != upper):
                raise UsageError("other-parent", name=self._all[lower].name)
        if known[-1] is not None:  # before anything is added
            before, placed = self._all[key], replace(self._all[key], parent=known[-1])
            _check_above(self._all, placed)
            if key in self._parents:  # what lies below it comes to lie deeper
                check_parents([*(c for c in self._all.values() if c != before), placed])
        self._parents.update(one for one in known if one is not None)
        parent: int | None = None
        for name, there in zip(above, known, strict=True):
            if there is not None:
                parent = there
                continue
            parent = self.add(Concept(-1, name, parent=parent))
            self._before.setdefault(key, []).append(parent)
        self._all[key] = replace(self._all[key], parent=parent)

    def remove(self, key: int) -> None:
        """Remove a concept that was added; its children have no parent afterwards."""
        del self._keys[self._all.pop(key).name.casefold()]
        for child in [c for c in self._all.values() if c.parent == key]:
            self._all[child.key] = replace(child, parent=None)


def rename(
    concepts: Sequence[Concept], key: int, line: str, *, least_key: int = 0
) -> tuple[Concept, ...]:
    """Return `concepts` with the names of `key` replaced by those of `line`; its index is kept.

    Its parent changes only where the line names one.

    Raises:
        UsageError: As `add` does.
    """
    above, named = _read(line)
    if any(c.name.casefold() == named.name.casefold() for c in concepts if c.key != key):
        raise UsageError("name-twice", name=named.name)
    changes = {"name": named.name, "synonyms": named.synonyms, "is_reject": named.is_reject}
    after = tuple(replace(c, **changes) if c.key == key else c for c in concepts)
    if not above:
        return after
    adding = ConceptAdder(after, least_key)
    adding.put_under(key, above)
    return in_tree_order(adding.concepts)


def as_line(concept: Concept, path: Sequence[str] = ()) -> str:
    """Return the concept as a line of a concepts file, by `path` its parents too.

    `add` reads it back.
    """
    mark = "!" if concept.is_reject else ""
    return mark + " | ".join((PARENT_MARK.join(path or (concept.name,)), *concept.synonyms))


def as_lines(concepts: Sequence[Concept]) -> list[str]:
    """Return concepts as the lines of a concepts file, each with its parents."""
    paths = paths_of(concepts)
    return [as_line(c, paths[c.key]) for c in concepts]


def by_any_name(concepts: Iterable[Concept]) -> dict[str, Concept]:
    """Return concepts by their names and synonyms, casefolded.

    A name wins over a synonym, and the first of two concepts that share a synonym over the other.
    """
    concepts = tuple(concepts)
    found = {name.casefold(): c for c in reversed(concepts) for name in c.synonyms}
    return found | {c.name.casefold(): c for c in reversed(concepts)}


def next_colour(concepts: Iterable[Concept]) -> str:
    """Return the first colour of the palette that none of `concepts` has, or else the plain one."""
    return _first_free({c.colour for c in concepts})


def _first_free(used: Container[str]) -> str:
    return next((colour for colour in PALETTE if colour not in used), PLAIN_COLOUR)


# ---- parents


def parents_of(concepts: Iterable[Concept]) -> dict[ConceptId, tuple[ConceptId, ...]]:
    """Return the ancestors of each concept that exist, the nearest first."""
    parent = {c.key: c.parent for c in concepts}
    if not any(goal is not None for goal in parent.values()):
        return dict.fromkeys(parent, ())

    def above(key: int) -> Iterator[int]:
        found, goal = 0, parent[key]
        while goal in parent and found < DEEPEST:
            yield goal
            found, goal = found + 1, parent[goal]

    return {key: tuple(above(key)) for key in parent}


def paths_of(concepts: Iterable[Concept]) -> dict[ConceptId, tuple[str, ...]]:
    """Return for each concept the names from the topmost parent down: `("animal", "dog")`."""
    concepts = tuple(concepts)
    names = {c.key: c.name for c in concepts}
    above = parents_of(concepts)
    return {key: tuple(names[k] for k in (*reversed(above[key]), key)) for key in names}


def path_of(concepts: Iterable[Concept], key: ConceptId) -> tuple[str, ...]:
    """Return the names from the topmost parent down to one concept.

    Raises:
        KeyError: There is no such concept.
    """
    return paths_of(concepts)[key]


def check_parents(concepts: Iterable[Concept]) -> None:
    """Check that no parent is missing, that none is its own ancestor, and the depth.

    Raises:
        UsageError: A parent is not there, is below its child, or there are more than `DEEPEST`
            above one another.
    """
    by_key = {c.key: c for c in concepts}
    for concept in by_key.values():
        _check_above(by_key, concept)


def _check_above(by_key: Mapping[ConceptId, Concept], concept: Concept) -> None:
    """Check the ancestors of one concept; see `check_parents`."""
    goal, depth = concept.parent, 0
    while goal is not None:
        depth += 1
        if goal == concept.key:
            raise UsageError("parent-below-itself", name=concept.name)
        if goal not in by_key:
            raise UsageError("no-such-parent", name=concept.name)
        if depth > DEEPEST:
            raise UsageError("parents-too-deep", name=concept.name, most=DEEPEST)
        goal = by_key[goal].parent


def lifted(before: Iterable[Concept], after: Iterable[Concept]) -> tuple[Concept, ...]:
    """Return `after`, with the children of removed concepts moved to the next parent above."""
    above, left = parents_of(before), tuple(after)
    there = {c.key for c in left}

    def parent_of(concept: Concept) -> int | None:
        return next((k for k in above.get(concept.parent or 0, ()) if k in there), None)

    return tuple(
        c if c.parent is None or c.parent in there else replace(c, parent=parent_of(c))
        for c in left
    )


def in_tree_order(concepts: Sequence[Concept]) -> tuple[Concept, ...]:
    """Return the concepts with children right below their parents, otherwise in their order."""
    if all(c.parent is None for c in concepts):
        return tuple(concepts)
    keys = {c.key for c in concepts}
    below = dict[int | None, list[Concept]]()
    for c in concepts:
        below.setdefault(c.parent if c.parent in keys else None, []).append(c)
    ordered, waiting = list[Concept](), below.get(None, [])[::-1]
    while waiting:
        ordered.append(waiting.pop())
        waiting += below.get(ordered[-1].key, [])[::-1]
    return tuple(ordered)


def in_checked_order(concepts: Sequence[Concept]) -> tuple[Concept, ...]:
    """Return the concepts in tree order, after a check of their parents; see `check_parents`."""
    check_parents(concepts)
    return in_tree_order(concepts)


# ---- own sentences


def clean_prompts(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the sentences in `lines`: NFC, no control characters, none empty or repeated.

    Raises:
        UsageError: One is longer than `LONGEST_PROMPT`, or there are more than `MOST_PROMPTS`.
    """
    sentences = list(map(normalised, lines))
    if too_long := [one for one in sentences if len(one) > LONGEST_PROMPT]:
        raise UsageError("long-sentence", sentence=too_long[0][:24], most=LONGEST_PROMPT)
    prompts = tuple(dict.fromkeys(filter(is_visible, sentences)))
    if len(prompts) > MOST_PROMPTS:
        raise UsageError("too-many-sentences", sentences=len(prompts), most=MOST_PROMPTS)
    return prompts


def _read(line: str) -> tuple[tuple[str, ...], Concept]:
    """Return the names of the parents in `line`, and its concept without key and colour."""
    text = line.strip()
    path, *others = text.removeprefix("!").split("|")
    *above, name = (clean_name(part) for part in path.split(PARENT_MARK))
    if len(above) > DEEPEST:
        raise UsageError("parents-too-deep", name=name, most=DEEPEST)
    unique = tuple(dict.fromkeys(s for s in map(clean_name, others) if s != name))
    return tuple(above), Concept(-1, name, unique, is_reject=text.startswith("!"))
