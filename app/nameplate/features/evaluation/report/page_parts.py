"""Pieces of the report's page, whether an image has one label or several.

All text that comes from outside is escaped; the prose stands in the catalogue of messages.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final, Generic

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.features.evaluation.figures.metrics import ConceptResult
from nameplate.features.evaluation.figures.shapes import Chart
from nameplate.features.evaluation.findings import Findings, J, means_of, run_sentence
from nameplate.features.evaluation.report.page_style import STYLE
from nameplate.features.evaluation.report.svg import bar_svg, chart_svg
from nameplate.features.evaluation.sentences import (
    copies_sentences,
    drop_sentence,
    learned_sentences,
)
from nameplate.formats.html import head, small_picture
from nameplate.scoring.shares import Interval, Share

GENERATOR: Final = "Nameplate evaluation"
_NO_LABEL: Final = Message("report-no-label")
PICTURES: Final = Message("report-pictures")
REALLY: Final = Message("report-really")
MOST_LISTED: Final = 100
MOST_NAMES: Final = 200
WORST: Final = 24
SAMPLE: Final = 12
_TITLE: Final = Message("report-title")
_SIDE: Final = 190


@dataclass(frozen=True, slots=True)
class Page(Generic[J]):
    """What the page is made of.

    Attributes:
        found: What it says.
        put: Puts a message into words.
        cancel: Ends the reading of pictures.
    """

    found: Findings[J]
    put: Callable[[Message], str]
    cancel: CancelToken

    def words(self, message: Message) -> str:
        """Return the text of a message, escaped."""
        return escape(self.put(message))

    def sentence(self, message: Message) -> str:
        """Return a paragraph, escaped."""
        return f"<p>{self.words(message)}.</p>\n"

    def heading(self, message: Message) -> str:
        """Return the heading of a section, escaped."""
        return f"<h2>{self.words(message)}</h2>\n"

    def name(self, index: int) -> str:
        """Return a name by its index, escaped."""
        name = self.found.judged.names[index]
        return isolated(name) if name else self.no_label()

    def no_label(self) -> str:
        """Return what stands in the place of a name where there is none."""
        return f"<i>{self.words(_NO_LABEL)}</i>"


def top(page: Page[J], share: Share, sentence: Message) -> Iterator[str]:
    """Yield the page's head, where its figures come from, and the first of them."""
    origin = page.found.origin
    yield head(page.put(_TITLE), STYLE, generator=GENERATOR)
    yield f"<h1>{page.words(_TITLE)}</h1>\n"
    facts = Message(
        "report-origin",
        {
            "model": origin.model,
            "templates": origin.templates,
            "truth": origin.truth,
            "made": origin.made,
        },
    )
    yield f'<p class="soft">{page.words(facts)}</p>\n'
    if share.value is not None:
        yield f'<p class="big">{share.value:.1%}</p>\n'
        yield bar_svg(share.value, share.interval, f"{share.value:.1%}")
    yield page.sentence(sentence)
    if page.found.delivered and (delivered := page.found.delivered.sentence):
        yield page.sentence(delivered)
    yield from map(page.sentence, copies_sentences(page.found.copies))
    yield from map(page.sentence, learned_sentences(page.found.evidence, len(page.found.unseen)))
    if origin.truth == "decisions":
        yield page.sentence(Message("decisions-not-random"))


def compared(page: Page[J]) -> Iterator[str]:
    """Yield how right other runs are beside this one."""
    if not page.found.runs:
        return
    yield page.heading(Message("report-compared"))
    rows = list[tuple[str, ...]]()
    for run in page.found.runs:
        paired = run.paired
        for name, right in (
            (isolated(run.title), paired.both + paired.first_alone),
            (page.words(Message("report-this-run")), paired.both + paired.second_alone),
        ):
            rows.append((name, f"{paired.images:,}", cell_of(Share(right, paired.images))))
    yield table(page, (Message("report-run"), PICTURES, Message("report-right")), rows)
    evidence, origin = page.found.evidence, page.found.origin
    for run in page.found.runs:
        yield page.sentence(run_sentence(evidence, origin, run.title, run.paired))


def by_folder(page: Page[J]) -> Iterator[str]:
    """Yield how right each folder is, their mean, and the drop from the first one."""
    folders = page.found.folders
    if len(folders) < 2:
        return
    yield page.heading(Message("report-folders"))
    head_row = [Message("report-folder"), PICTURES, Message("report-right")]
    if any(one.own for one in folders):
        head_row.append(Message("report-own"))
    rows = [
        (isolated(one.name), f"{one.share.of:,}", *map(cell_of, filter(None, (one.share, one.own))))
        for one in folders
    ]
    means = [bar(*mean) if mean else "–" for mean in means_of(folders)]
    rows.append((f"<i>{page.words(Message('report-mean'))}</i>", "", *means))
    yield table(page, head_row, rows)
    if any(one.own for one in folders):
        yield page.sentence(Message("report-own-how"))
    first = folders[0]
    for one in folders[1:]:
        yield page.sentence(drop_sentence(one.name, one.share, first.name, first.share))


def names_table(
    page: Page[J],
    results: Sequence[ConceptResult],
    average_precisions: Sequence[float | None] | None = None,
) -> Iterator[str]:
    """Yield how each name is found, and how right it is, the worst first."""
    yield page.heading(Message("report-names"))
    order = sorted(range(len(results)), key=lambda place: _rank(results[place]))[:MOST_NAMES]
    head_row = [Message("report-name"), PICTURES, Message("report-found")]
    head_row.append(Message("report-fitting"))
    rows = list[list[str]]()
    for place in order:
        one = results[place]
        cells = [isolated(one.name), f"{one.images:,}", cell_of(one.found), cell_of(one.fitting)]
        if average_precisions is not None:
            p = average_precisions[place]
            cells.append("–" if p is None else bar(p))
        rows.append(cells)
    if average_precisions is not None:
        head_row.append(Message("report-order"))
    yield table(page, head_row, rows)
    if len(results) > len(order):
        yield page.sentence(Message("report-more-names", {"count": len(results) - len(order)}))


def _rank(result: ConceptResult) -> float:
    """Return where a name comes in the table: the worst found first, unknown ones last."""
    return 2.0 if result.found.value is None else result.found.value


def section(
    page: Page[J], heading: Message, chart: Chart, sentences: tuple[Message, Message]
) -> Iterator[str]:
    """Yield a chart with what it shows, and how to read it."""
    shows, how = sentences
    yield f"<section>{page.heading(heading)}{chart_svg(chart, page.put(shows), page.put)}"
    yield f'{page.sentence(shows)}<p class="soft">{page.words(how)}.</p></section>\n'


def pictures(page: Page[J], rows: Sequence[int], caption: Callable[[int], str]) -> Iterator[str]:
    """Yield pictures with what is said of each, escaped already."""
    yield '<div class="pictures">\n'
    for row in rows:
        yield _figure(page, row, caption(row))
    yield "</div>\n"


def notes(page: Page[J], words: Sequence[tuple[Message, Message]]) -> Iterator[str]:
    """Yield what was not compared, and terms with their meanings."""
    found = page.found
    names = [f"{name} ({count:,})" for name, count in found.unknown_names.items()]
    lists: tuple[tuple[Message, Sequence[str]], ...] = (
        (_left_out(found), found.left_out),
        (
            Message("report-unknown-images", {"count": len(found.unknown_images)}),
            found.unknown_images,
        ),
        (Message("report-several", {"count": len(found.several)}), found.several),
        (Message("report-contradicted", {"count": len(found.contradicted)}), found.contradicted),
        (Message("report-unknown-names", {"count": len(names)}), names),
    )
    if any(items for _, items in lists):
        yield page.heading(Message("report-notes"))
    for what, items in lists:
        if items:
            shown = "".join(f"<li>{isolated(one)}</li>" for one in items[:MOST_LISTED])
            more = len(items) - MOST_LISTED
            rest = page.sentence(Message("report-more", {"count": more})) if more > 0 else ""
            yield f"<details><summary>{page.words(what)}</summary>"
            yield f"<ul>{shown}</ul>{rest}</details>\n"
    yield f"{page.heading(Message('report-words'))}<dl>\n"
    for term, meaning in words:
        yield f"<dt>{page.words(term)}</dt><dd>{page.words(meaning)}.</dd>\n"
    yield "</dl>\n"


def _left_out(found: Findings[J]) -> Message:
    """Return what images are that were not compared."""
    count = len(found.left_out)
    if found.evidence is not None and not len(found.unseen):
        return Message("report-left-out-or-taught", {"count": count})
    return Message("report-left-out", {"count": count})


def _figure(page: Page[J], row: int, caption: str) -> str:
    path = page.found.paths[row]
    try:
        picture = small_picture(Path(page.found.files[row]), path, _SIDE, page.cancel)
    except (ImageError, ValueError) as error:
        reason = error.reason if isinstance(error, ImageError) else Message("no-path")
        picture = f"<p>{escape(page.put(reason))}</p>"
    return (
        f"<figure>{picture}<figcaption>{caption}<br><small>{isolated(path)}</small>"
        "</figcaption></figure>\n"
    )


def cell_of(share: Share) -> str:
    """Return the cell of a share: a bar with its interval, or how many images there are."""
    if share.value is None:
        return f'<span class="soft">{share.count:,} / {share.of:,}</span>' if share.of else "–"
    return bar(share.value, share.interval)


def bar(value: float, interval: Interval | None = None) -> str:
    """Return a bar with its number."""
    return f"{bar_svg(value, interval, f'{value:.1%}')} {value:.1%}"


def bar_row(name: str, p: float, *, is_true: bool) -> str:
    """Return a line under a picture: how probable a name, escaped already, is."""
    return (
        f'<span class="row{" true" if is_true else ""}"><span>{name}</span>'
        f"{bar_svg(p, text=f'{p:.0%}')}<span>{p:.0%}</span></span>"
    )


def table(page: Page[J], head_row: Sequence[Message], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are escaped already; counts stand at the right."""
    counts = {place for place, code in enumerate(head_row) if code == PICTURES}

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=n' if place in counts else ''}>{cell}</{tag}>"
            for place, cell in enumerate(row)
        )

    titles = cells("th", [page.words(code) for code in head_row])
    lines = "".join(f"<tr>{cells('td', row)}</tr>\n" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{titles}</tr></thead>{lines}</table></div>\n'


def isolated(text: str) -> str:
    """Return text from outside, escaped, whose direction changes nothing around it."""
    return f"<bdi>{escape(text)}</bdi>"
