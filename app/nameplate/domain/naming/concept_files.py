"""Files of concepts: one concept a line (`domain.concepts`), or TOML, which holds more.

    [[concept]]
    name = "cat"
    synonyms = ["kitten"]
    prompts = ["a photo of a {}, a pet."]
    threshold = 0.8

Only `name` is required; `none_of_these = true` makes a reject concept. Keys and colours are not
saved. The field `parent` of version 1.0 is ignored.
"""

import json
from collections.abc import Container, Iterable, Sequence
from typing import Any, Final, cast

from nameplate.domain.concepts import (
    MOST_CONCEPTS,
    PALETTE,
    PLAIN_COLOUR,
    REJECT_COLOUR,
    Concept,
    add_all,
    as_line,
    clean_name,
    clean_prompts,
)
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.text import lines_of, toml_values

TOML_ENDING: Final = ".toml"
_FIELDS: Final = {"name", "synonyms", "parent", "prompts", "threshold", "none_of_these"}


def parse_concepts_file(text: str, where: str) -> tuple[Concept, ...]:
    """Return the concepts of a file: TOML if it ends in `.toml`, else one a line.

    Raises:
        UsageError: Something in it is no concept; the message says where.
    """
    if where.lower().endswith(TOML_ENDING):
        return parse_concepts_toml(text, where)
    return parse_concepts(text, where)


def parse_concepts(text: str, where: str) -> tuple[Concept, ...]:
    """Parse a concepts file, one concept a line: `name | synonym`, `!name`.

    What begins with `#` is a comment.

    Raises:
        UsageError: A line has no usable name or a duplicate (the message has its number), or
            there is no concept.
    """
    concepts, wrong = concepts_in(text, where)
    if wrong:
        raise wrong[0]
    return concepts


def concepts_in(text: str, where: str) -> tuple[tuple[Concept, ...], list[UsageError]]:
    """Parse a file as `parse_concepts` does; return the concepts, and the errors of other lines.

    Raises:
        UsageError: There are no lines with concepts, or too many.
    """
    lines = [
        (number, line)
        for number, line in enumerate(lines_of(text), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not lines:
        raise UsageError("no-concepts-in-it", where=where)
    if len(lines) > MOST_CONCEPTS:
        raise UsageError("too-many-names", where=where, names=len(lines), most=MOST_CONCEPTS)
    concepts, wrong = add_all((), (line for _, line in lines))
    at = {place: Message("line", {"file": where, "line": lines[place][0]}) for place, _ in wrong}
    return concepts, [UsageError(error.reason, where=at[place]) for place, error in wrong]


def as_text(concepts: Sequence[Concept]) -> str:
    """Return concepts as text, one a line."""
    return "".join(f"{as_line(concept)}\n" for concept in concepts)


def fit_lines(concepts: Sequence[Concept]) -> bool:
    """Return whether `as_text` loses nothing: no prompts, thresholds or unusual names."""
    try:
        return _content(parse_concepts(as_text(concepts), "")) == _content(concepts)
    except UsageError:
        return False


def as_toml(concepts: Sequence[Concept]) -> str:
    """Return concepts as TOML, without keys and colours."""
    return "\n".join(map("\n".join, map(_table, concepts))) + "\n"


def parse_concepts_toml(text: str, where: str) -> tuple[Concept, ...]:
    """Return the concepts of a TOML file.

    Raises:
        UsageError: It is no TOML, or something in it is no concept.
    """
    try:
        values = toml_values(text.removeprefix("\ufeff"))
    except ValueError as error:
        raise UsageError("no-toml-of-concepts", where=where, why=str(error)[:200]) from error
    return concepts_of_tables(values.get("concept") if set(values) == {"concept"} else None, where)


def concepts_of_tables(value: object, where: str) -> tuple[Concept, ...]:
    """Return the concepts of the tables `[[concept]]` of a TOML file.

    The key of each is its index among the tables.

    Raises:
        UsageError: There are none, too many, or a table is no concept.
    """
    tables = cast("list[Any]", value) if isinstance(value, list) else []
    if not tables:
        raise UsageError("no-concepts-in-toml", where=where)
    if len(tables) > MOST_CONCEPTS:
        raise UsageError("too-many-names", where=where, names=len(tables), most=MOST_CONCEPTS)
    concepts, names = list[Concept](), set[str]()
    for number, table in enumerate(tables, 1):
        place = Message("concept-number", {"file": where, "number": number})
        try:
            concept = _concept_of(table, number - 1, names)
        except UsageError as error:
            raise UsageError(error.reason, where=place) from error
        concepts.append(concept)
        names.add(concept.name.casefold())
    return tuple(concepts)


def _concept_of(table: Any, key: int, taken: Container[str]) -> Concept:
    """Return the concept in a table."""
    if not isinstance(table, dict):
        raise UsageError("no-concept-table")
    values = cast("dict[str, Any]", table)
    if unknown := sorted(set(values) - _FIELDS):
        raise UsageError("no-such-field", field=unknown[0][:40], known=tuple(sorted(_FIELDS)))
    name = clean_name(_text(values, "name"))
    if name.casefold() in taken:
        raise UsageError("name-twice", name=name)
    synonyms = dict.fromkeys(map(clean_name, _texts(values, "synonyms")))
    threshold, is_reject = values.get("threshold"), values.get("none_of_these", False)
    if not isinstance(is_reject, bool):
        raise UsageError("field-of-other-kind", field="none_of_these")
    if isinstance(threshold, bool) or not isinstance(threshold, int | float | None):
        raise UsageError("field-of-other-kind", field="threshold")
    if threshold is not None and not 0 <= threshold <= 1:
        raise UsageError("field-of-other-kind", field="threshold")
    return Concept(
        key,
        name,
        tuple(s for s in synonyms if s != name),
        is_reject,
        REJECT_COLOUR if is_reject else (*PALETTE, PLAIN_COLOUR)[min(key, len(PALETTE))],
        clean_prompts(_texts(values, "prompts")),
        None if threshold is None else float(threshold),
    )


def _text(values: dict[str, Any], field: str) -> str:
    value = values.get(field)
    if not isinstance(value, str):
        raise UsageError("field-of-other-kind", field=field)
    return value


def _texts(values: dict[str, Any], field: str) -> list[str]:
    found = values.get(field, [])
    if not isinstance(found, list) or not all(isinstance(v, str) for v in cast("list[Any]", found)):
        raise UsageError("field-of-other-kind", field=field)
    return cast("list[str]", found)


def _table(concept: Concept) -> Iterable[str]:
    """Yield the lines of a concept's TOML table."""
    yield "[[concept]]"
    yield f"name = {_quoted(concept.name)}"
    if concept.synonyms:
        yield f"synonyms = {_quoted(concept.synonyms)}"
    if concept.prompts:
        yield f"prompts = {_quoted(concept.prompts)}"
    if concept.threshold is not None:
        yield f"threshold = {concept.threshold!r}"
    if concept.is_reject:
        yield "none_of_these = true"


def _quoted(value: str | tuple[str, ...]) -> str:
    """Return a text, or a list of texts, as TOML; their JSON is valid TOML."""
    return json.dumps(value, ensure_ascii=False)


def _content(concepts: Sequence[Concept]) -> list[object]:
    """Return the fields of concepts that a file saves."""
    return [(c.name, c.synonyms, c.is_reject, c.prompts, c.threshold) for c in concepts]
