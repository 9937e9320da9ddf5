"""What every page of figures has: a chart or table, and a sentence that says what it shows."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QWidget

from nameplate.domain.messages import Message
from nameplate.features.evaluation.document import Document
from nameplate.features.evaluation.judging import Figures
from nameplate.features.evaluation.shares import Share
from nameplate.ui.widgets.painting import one_line, shortened
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of

Rows = NDArray[np.int64]

ShowPictures = Callable[[Rows, str], object]
"""Shows the pictures of rows of the figures, which are called so."""

IN_BRACKETS: Final = "In brackets: what to expect of more pictures like these."
NO_NAME: Final = "none of them"
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

    def request(self, rows: Rows, what: str) -> None:
        """Show the pictures of `rows`, unless there are none."""
        if len(rows):
            self._show_pictures_of(rows, what)


class PicturesButton(QPushButton):
    """A button that opens pictures: it says how many, and is off where there are none."""

    def __init__(self, page: FigurePage, text: str, what: str) -> None:
        """Make one of a page; `what` are the pictures, in words."""
        super().__init__()
        self._page, self._text, self._what = page, text, what
        self._rows: Rows = np.empty(0, dtype=np.int64)
        self.setAutoDefault(True)  # Enter presses it, too
        self.clicked.connect(lambda: page.request(self._rows, self._what))
        self.show_rows(self._rows)

    def show_rows(self, rows: Rows, what: str = "") -> None:
        """Offer these rows; they may be something else in words."""
        self._rows, self._what = rows, what or self._what
        self.setText(f"{self._text} ({len(rows):,})")
        self.setEnabled(bool(len(rows)))


def said(*messages: Message) -> str:
    """Return messages as sentences."""
    return " ".join(f"{what_of(message)}." for message in messages)


def called_all(names: Sequence[str]) -> str:
    """Return the names of a picture that may have several, as they stand in a sentence."""
    return " and ".join(map(called, names)) if names else NO_NAME


def called(name: str) -> str:
    """Return a name as it stands in a sentence."""
    return f"“{shortened(one_line(name), _LONGEST)}”" if name else NO_NAME


def share_text(share: Share) -> str:
    """Return a share with its interval, or a count where it is none yet.

    >>> share_text(Share(45, 50)), share_text(Share(1, 2, 5)), share_text(Share(0, 0))
    ('90% (79% to 96%)', '1 of 2', 'none')
    """
    if share.value is None or share.interval is None:
        return f"{share.count:,} of {share.of:,}" if share.of else "none"
    return f"{share.value:.0%} ({share.interval.low:.0%} to {share.interval.high:.0%})"


def plain_share(share: Share) -> str:
    """Return a share in whole percent, or a count where it is none yet.

    >>> plain_share(Share(45, 50)), plain_share(Share(1, 2, 5)), plain_share(Share(0, 0))
    ('90%', '1 of 2', 'none')
    """
    if share.value is None:
        return f"{share.count:,} of {share.of:,}" if share.of else "none"
    return f"{share.value:.0%}"


def spoken_share(share: Share, of_what: str) -> str:
    """Return a share as a screen reader says it."""
    text = f"{share.count:,} of {counted(share.of, 'picture')} {of_what}"
    if share.value is None or share.interval is None:
        more = counted(share.missing, "more picture")
        return f"{text}; not enough yet for a share: {more}" if share.of else f"{text}"
    low, high = share.interval
    return f"{text}: {share.value:.0%}, for pictures like these between {low:.0%} and {high:.0%}"
