"""The cells of the table by name, and the pictures behind each."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.labels import NO_CONCEPT
from nameplate.domain.text import deferred
from nameplate.features.quality.figures.judging import Judged
from nameplate.features.quality.figures.remarks import weakest_first
from nameplate.features.quality.figures.table import Cell
from nameplate.features.quality.records import NameFigures, Records, Rows
from nameplate.features.quality.shares import Share
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import tr

ShowPictures = Callable[[Rows, str], object]
"""Shows the images in rows of the records alone; the text describes them."""

_FOUND: Final = 2
_FITTING: Final = 3
_MOST_MISTAKEN: Final = 3
_LONGEST: Final = 40


def heads_of(judged: Judged) -> list[str]:
    """Return the texts above the columns."""
    heads = [tr("Name"), tr("Pictures"), tr("Found", "pictures"), tr("Right where given")]
    return heads if judged.is_several else [*heads, tr("Mistaken for"), "", ""]


def rows_of(
    judged: Judged, concepts: Sequence[Concept], show: ShowPictures
) -> list[tuple[Cell, ...]]:
    """Return a row of cells for each name, the weakest first."""
    records, colours = judged.records, {one.key: one.colour for one in concepts}
    names = weakest_first(records)
    if judged.is_several:
        return [tuple(_figures(records, one, colours, show)) for one in names]
    none = records.none
    names += [none] if none.images else []
    return [
        (*_figures(records, one, colours, show), *_mistaken_for(records, one.key, show))
        for one in names
    ]


def _figures(
    records: Records, one: NameFigures, colours: dict[int, str], show: ShowPictures
) -> Iterator[Cell]:
    opens = [partial(_show_column, records, one, column, show) for column in range(4)]
    all_of_it = opens[0] if one.images else None
    yield Cell(one.name or tr("none of them"), colour=colours.get(one.key, ""), open=all_of_it)
    yield Cell(format_number(one.images), open=all_of_it)
    of_found = tr(
        "Really {name}: {count:,} of {total:,} are found", name=one.name, **_of(one.found)
    )
    yield _filled(one.found, of_found, opens[_FOUND])
    of_given = tr(
        "Given {name}: {count:,} of {total:,} are right", name=one.name, **_of(one.fitting)
    )
    yield Cell("") if one.key == NO_CONCEPT else _filled(one.fitting, of_given, opens[_FITTING])


def _of(share: Share) -> dict[str, object]:
    return {"count": share.count, "total": share.of}


def _filled(share: Share, spoken: str, opened: Callable[[], object]) -> Cell:
    """Return a cell that is filled by a share; its count where it is none yet."""
    if not share.of:
        return Cell(tr("none", "no pictures"), spoken)
    text = tr("{count:,} of {total:,}", **_of(share))
    if share.value is not None and share.interval is not None:
        low, high = share.interval
        text = format_number(share.value, ".0%")
        spoken = tr(
            "{what}; of more like these between {low:.0%} and {high:.0%}",
            what=spoken,
            low=low,
            high=high,
        )
    return Cell(text, spoken, share.count / share.of, open=opened)


def _mistaken_for(records: Records, key: int, show: ShowPictures) -> Iterator[Cell]:
    truth = records.code_of(key)
    found = records.mistakes(key)[:_MOST_MISTAKEN]
    for label, count in found:
        names = records.names_of(label)
        name = "".join(names) or tr("nothing")
        spoken = tr(
            "Really {name}, given {label}: {count:,}",
            name=called(records.names_of(truth)),
            label=called(names),
            count=count,
        )
        opened = partial(_show_pair, records, truth, label, show)
        text = tr("{text} ({count:,})", text=shortened(one_line(name), _LONGEST), count=count)
        yield Cell(text, spoken, open=opened)
    for _ in range(_MOST_MISTAKEN - len(found)):
        yield Cell("")


def _show_column(records: Records, one: NameFigures, column: int, show: ShowPictures) -> None:
    """Show the mistakes that a cell counts; where there are none, all of its pictures."""
    is_true, is_given = records.rows_with(one.key)
    missed, wrong = is_true & ~is_given, is_given & ~is_true
    is_shown, what = is_true, deferred("really {name}")
    if column == _FOUND and missed.any():
        is_shown, what = missed, deferred("really {name}, missed")
    elif column == _FITTING:
        is_shown, what = is_given, deferred("given {name}")
        if wrong.any():
            is_shown, what = wrong, deferred("wrongly given {name}")
    show(np.flatnonzero(is_shown), tr(what, name=called((one.name,) if one.name else ())))


def _show_pair(records: Records, truth: int, label: int, show: ShowPictures) -> None:
    names = {"name": called(records.names_of(truth)), "label": called(records.names_of(label))}
    show(records.rows_of(truth, label), tr("really {name}, given {label}", **names))


def called(names: Sequence[str]) -> str:
    """Return the names of a picture as they stand in a sentence."""
    if not names:
        return tr("none of them")
    quoted = (tr("“{name}”", name=shortened(one_line(name), _LONGEST)) for name in names)
    return tr(" and ", "between names").join(quoted)
