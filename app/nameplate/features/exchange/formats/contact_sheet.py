"""Exports a contact sheet: web pages of thumbnails by label, for people without Nameplate.

Each page is one file that needs nothing else: pictures, style and script are inside. It may ask no
network (its Content-Security-Policy forbids that), and all that comes from outside is escaped.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import BinaryIO, Final, cast

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.features.exchange.formats.folders import FOLDER
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.html import COLOURS, head, small_picture
from nameplate.formats.outputs.folder_output import FolderBuild, FolderOutput
from nameplate.formats.outputs.output import Output
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import listed, what_of
from nameplate.wording.translation import current

MOST_ON_A_PAGE: Final = 500
"""Pictures; a page of so many has 4 MB or less."""

_SIDE: Final = 200
_STATES: Final = {
    "accepted": Message("sheet-accepted"),
    "corrected": Message("sheet-corrected"),
    "skipped": Message("sheet-skipped"),
    "suggested": Message("sheet-suggested"),
    "unlabelled": Message("sheet-unlabelled"),
}
_TITLE: Final = Message("sheet-title")

_STYLE: Final = (
    COLOURS
    + """header { position: sticky; top: 0; padding: 10px 20px; background: var(--paper);
  border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 8px 20px;
  align-items: center; }
h1 { font-size: 17px; margin: 0; }
h2 { font-size: 16px; margin: 24px 0 8px; overflow-wrap: anywhere; scroll-margin-top: 70px; }
figcaption { color: var(--soft); font-weight: normal; }
#filter { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; }
label { display: flex; gap: 6px; align-items: center; }
input, select { font: inherit; color: inherit; background: var(--tile); padding: 4px 8px;
  border: 1px solid var(--line); border-radius: 6px; }
a { color: var(--mark); }
nav { padding: 8px 20px; display: flex; flex-wrap: wrap; gap: 4px 16px; max-height: 30vh;
  overflow: auto; }
nav a { overflow-wrap: anywhere; }
main { padding: 0 20px 40px; }
section > div { display: grid; gap: 12px;
  grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); }
figure { margin: 0; padding: 5px; background: var(--tile); border: 1px solid var(--line);
  border-radius: 8px; }
figure.decided { border-color: var(--mark); }
figure img { display: block; width: 100%; height: 160px; object-fit: contain; }
figure p { margin: 0; height: 160px; display: grid; place-items: center; text-align: center;
  font-size: 13px; color: var(--soft); overflow: auto; overflow-wrap: anywhere; }
figcaption { font-size: 13px; overflow-wrap: anywhere; margin-top: 4px; }
figcaption b { color: var(--ink); }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
@media print { header, nav { position: static; } figure { break-inside: avoid; } }
"""
)

_SCRIPT: Final = """
"use strict";
const text = document.getElementById("text"), state = document.getElementById("state");
const count = document.getElementById("count"), figures = [...document.querySelectorAll("figure")];
function filter() {
  const wanted = text.value.trim().toLocaleLowerCase();
  let shown = 0;
  for (const one of figures) {
    const is_named = one.dataset.text.toLocaleLowerCase().includes(wanted);
    one.hidden = !(is_named && (!state.value || one.dataset.state === state.value));
    shown += !one.hidden;
  }
  for (const one of document.querySelectorAll("section"))
    one.hidden = !one.querySelector("figure:not([hidden])");
  count.textContent = `${shown} / ${figures.length}`;
}
document.getElementById("filter").hidden = false;
text.addEventListener("input", filter);
state.addEventListener("change", filter);
filter();
"""


@dataclass(slots=True)
class _Sheet:
    """The pictures in the order of the sheet.

    Attributes:
        images: By their first label, those without one last; then by path.
        task: What is written.
        problems: Pictures that could not be read, and why.
    """

    images: list[ExportedImage]
    task: ExportTask
    problems: list[tuple[str, Message]]

    def words(self, message: Message) -> str:
        """Return the text of a message, escaped."""
        return escape(what_of(message))

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.images) // MOST_ON_A_PAGE))


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write `index.html`, and another page for every further 500 pictures; all or nothing.

    A picture that cannot be read has its reason in its place, and is listed as a problem.
    """
    target = cast("FolderOutput", output)
    target.refuse_loss()
    images = list(task.exported())
    order = {one.name: place for place, one in enumerate(task.export.concepts)}

    def place_of(image: ExportedImage) -> tuple[int, str, str]:
        rank = order.get(_group(image), len(order)) if image.labels else len(order) + 1
        return rank, _group(image), image.path

    images.sort(key=place_of)
    sheet = _Sheet(images, task, [])

    def fill(build: FolderBuild) -> None:
        left = task.watched(images, len(images))
        for page in range(sheet.pages):
            with build.open(page_name(page)) as stream:
                _write_page(stream, sheet, page, left)

    target.write_folder(fill)
    return ExportReport(len(images) - len(sheet.problems), tuple(sheet.problems))


def page_name(page: int) -> str:
    """Return the file name of a page, counted from 0."""
    return "index.html" if page == 0 else f"page-{page + 1}.html"


def _group(image: ExportedImage) -> str:
    return image.labels[0] if image.labels else ""


def _write_page(stream: BinaryIO, sheet: _Sheet, page: int, left: Iterator[ExportedImage]) -> None:
    """Write a page of the pictures that `left` yields next."""
    first = page * MOST_ON_A_PAGE
    count = min(MOST_ON_A_PAGE, len(sheet.images) - first)
    language = current().code
    top = head(what_of(_TITLE), _STYLE, generator="Nameplate", script=_SCRIPT, language=language)
    stream.write(f"{top}{_bar(sheet, page)}{_links(sheet, page)}<main>\n".encode())
    group = None
    for place in range(first, first + count):
        image = next(left)
        if _group(image) != group:
            stream.write(b"</div></section>\n" if group is not None else b"")
            group = _group(image)
            title = _title(sheet, group)
            stream.write(f'<section><h2 id="at-{place}">{title}</h2><div>\n'.encode())
        stream.write(_figure(sheet, image).encode())
    stream.write(b"</div></section>\n" if group is not None else b"")
    stream.write(f"</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n".encode())
    if page == sheet.pages - 1:
        next(left, None)  # reports the last progress


def _bar(sheet: _Sheet, page: int) -> str:
    states = "".join(
        f'<option value="{state}">{sheet.words(text)}</option>' for state, text in _STATES.items()
    )
    return (
        f"<header><h1>{sheet.words(_TITLE)}</h1>{_pages(sheet, page)}"
        f'<span id="filter" hidden><label>{sheet.words(Message("sheet-filter"))} '
        f'<input id="text" type="search"></label> '
        f'<label>{sheet.words(Message("sheet-state"))} <select id="state">'
        f'<option value="">{sheet.words(Message("sheet-all"))}</option>{states}</select></label> '
        f'<output id="count"></output></span></header>\n'
    )


def _pages(sheet: _Sheet, page: int) -> str:
    """Return links to the other pages; empty if there is only one."""
    if sheet.pages == 1:
        return ""
    links = [
        f"<b>{one + 1}</b>" if one == page else f'<a href="{page_name(one)}">{one + 1}</a>'
        for one in range(sheet.pages)
    ]
    return f"<span>{sheet.words(Message('sheet-page'))} {' '.join(links)}</span>"


def _links(sheet: _Sheet, page: int) -> str:
    """Return links to the first picture of each name."""
    counts = Counter(map(_group, sheet.images))
    links, place = list[str](), 0
    for group, count in counts.items():  # in the order of the sheet
        target = place // MOST_ON_A_PAGE
        file = "" if target == page else page_name(target)
        links.append(
            f'<a href="{file}#at-{place}">{_title(sheet, group)}</a> {format_number(count)}'
        )
        place += count
    return f"<nav>{' '.join(f'<span>{link}</span>' for link in links)}</nav>\n"


def _title(sheet: _Sheet, group: str) -> str:
    return f"<bdi>{escape(group)}</bdi>" if group else sheet.words(Message("sheet-no-label"))


def _figure(sheet: _Sheet, image: ExportedImage) -> str:
    others = (f"<bdi>{escape(label)}</bdi>" for label in image.labels[1:])
    sure = image.probability
    number = "" if sure is None else f" {format_number(sure, '.0%')}"
    first = f"<b>{_title(sheet, _group(image))}</b>"
    name = listed([first, *others]) if image.labels else ""
    decided = ' class="decided"' if image.is_decided else ""
    text = escape(" ".join((image.path, *image.labels)))
    state = sheet.words(_STATES[image.state]) if image.state in _STATES else ""
    return (
        f'<figure{decided} data-state="{escape(image.state)}" data-text="{text}">'
        f"{_picture(sheet, image)}<figcaption>{name}{number}<br>{state}<br>"
        f"<bdi>{escape(image.path)}</bdi></figcaption></figure>\n"
    )


def _picture(sheet: _Sheet, image: ExportedImage) -> str:
    try:
        return small_picture(Path(image.file), image.path, _SIDE, sheet.task.cancel)
    except (ImageError, ValueError) as error:
        reason = error.reason if isinstance(error, ImageError) else Message("no-path")
        sheet.problems.append((image.path, reason))
        return f"<p>{sheet.words(reason)}</p>"


HTML: Final = ExportFormat(
    "html",
    "Contact sheet (web page)",
    Target.FOLDER,
    "",
    FOLDER,
    frozenset(("which",)),
    write,
    purpose=Message("for-html"),
    opens_pictures=True,
)
