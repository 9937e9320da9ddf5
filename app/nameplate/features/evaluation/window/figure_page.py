"""What every page of figures has: a chart or table, and a sentence that says what it shows."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.domain.text import deferred
from nameplate.features.evaluation.figures.shares import Share
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.report.document import Document
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import tr, trn

Rows = NDArray[np.int64]

ShowPictures = Callable[[Rows, str], object]
"""Shows the pictures of rows of the figures, which are called so."""

IN_BRACKETS: Final = deferred("In brackets: what to expect of more pictures like these.")
NO_NAME: Final = deferred("none of them")
_LONGEST: Final = 40


class FigurePage(QWidget):
    """A page of the panel.

    Attributes:
        title: What it is called in the list of pages.
        is_for_several: Whether it fits where a picture may have several labels, too.
        sentence: What it shows, with the numbers of now.
    """

    title = ""
    is_for_several = False

    def __init__(self, show_pictures: ShowPictures) -> None:
        super().__init__()
        self._show_pictures_of = show_pictures
        self.sentence = Paragraph(max_lines=4, role=QPalette.ColorRole.WindowText)

    def show_figures(self, figures: Figures, document: Document) -> None:
        """Show these figures, and what is said of them; the page fits them."""
        raise NotImplementedError

    def request(self, rows: Rows, what: str, /, **values: object) -> None:
        """Show the pictures of `rows`, unless there are none.

        `what` they are is a deferred text with `values`.
        """
        if len(rows):
            self._show_pictures_of(rows, tr(what, **values))


class PicturesButton(QPushButton):
    """A button that opens pictures: it says how many, and is off where there are none."""

    def __init__(self, page: FigurePage, text: str, what: str) -> None:
        """Make one of a page; `what` are the pictures, as in `FigurePage.request`."""
        super().__init__()
        self._text, self._values = text, dict[str, object]()
        self._rows: Rows = np.empty(0, dtype=np.int64)
        self.setAutoDefault(True)  # Enter presses it, too
        self.clicked.connect(lambda: page.request(self._rows, what, **self._values))
        self.show_rows(self._rows)

    def show_rows(self, rows: Rows, **values: object) -> None:
        """Offer these rows; `values` are those of what they are in words."""
        self._rows, self._values = rows, values
        self.setText(tr("{text} ({count:,})", text=self._text, count=len(rows)))
        self.setEnabled(bool(len(rows)))


def called_all(names: Sequence[str]) -> str:
    """Return the names of a picture that may have several, as they stand in a sentence."""
    return tr(" and ", "between names").join(map(called, names)) if names else tr(NO_NAME)


def called(name: str) -> str:
    """Return a name as it stands in a sentence."""
    if not name:
        return tr(NO_NAME)
    return tr("“{name}”", name=shortened(one_line(name), _LONGEST))


def share_text(share: Share) -> str:
    """Return a share with its interval, or a count where it is none yet.

    >>> share_text(Share(45, 50)), share_text(Share(1, 2, 5)), share_text(Share(0, 0))
    ('90% (79% to 96%)', '1 of 2', 'none')
    """
    if share.value is None or share.interval is None:
        return _count_text(share)
    low, high = share.interval
    return tr("{share:.0%} ({low:.0%} to {high:.0%})", share=share.value, low=low, high=high)


def plain_share(share: Share) -> str:
    """Return a share in whole percent, or a count where it is none yet.

    >>> plain_share(Share(45, 50)), plain_share(Share(1, 2, 5)), plain_share(Share(0, 0))
    ('90%', '1 of 2', 'none')
    """
    return _count_text(share) if share.value is None else format_number(share.value, ".0%")


def _count_text(share: Share) -> str:
    if not share.of:
        return tr("none", "no pictures")
    return tr("{count:,} of {total:,}", count=share.count, total=share.of)


def spoken_share(share: Share, what: str, **values: object) -> str:
    """Return a share as a screen reader says it.

    `what` is a deferred text with `{count:,}`, `{total:,}` and `values`.
    """
    text = tr(what, count=share.count, total=share.of, **values)
    if share.value is not None and share.interval is not None:
        low, high = share.interval
        return tr(
            "{what}; {share:.0%}, for pictures like these between {low:.0%} and {high:.0%}",
            what=text,
            share=share.value,
            low=low,
            high=high,
        )
    if not share.of:
        return text
    return trn(
        "{what}; not enough yet for a share: {count:,} more picture",
        "{what}; not enough yet for a share: {count:,} more pictures",
        share.missing,
        what=text,
    )
