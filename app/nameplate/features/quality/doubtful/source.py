"""Where pages of doubtful labels come from, and the texts around them."""

from collections.abc import Collection, Sequence
from functools import partial

import numpy as np

from nameplate.features.quality.doubtful.finder import Finder
from nameplate.features.quality.doubtful.page import Doubt, DoubtfulPage
from nameplate.features.quality.doubtful.rules import doubtful_places
from nameplate.pipeline.pages.deciding import PageStep, mark_title
from nameplate.pipeline.pages.rules import Mark
from nameplate.project.labelling import NO_ROWS, Circumstances, Rows
from nameplate.ui.pages.page_picture import PagePicture, Verdict
from nameplate.ui.pages.source import Heading, NoPage, PageSource
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import tr, trn


class DoubtfulPages(PageSource[DoubtfulPage]):
    """Makes pages of doubtful labels, the most doubtful first; look-alikes are one picture."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._finder = workbench.part(Finder)
        self._rows = self._firsts = NO_ROWS
        self._doubts = dict[int, Doubt]()
        self._behind = dict[int, tuple[int, ...]]()

    def look(self) -> None:
        """Find out which doubtful labels are open, and which of them are look-alikes."""
        found = self._finder.audit
        places = doubtful_places(self._workbench.project, found)
        self._rows, self._firsts, self._behind = NO_ROWS, NO_ROWS, {}
        if found is None or not len(places):
            return
        self._rows = found.rows[places]
        given, suggested = found.given[places], found.suggested[places]
        pairs = map(Doubt, given.tolist(), suggested.tolist())
        self._doubts = dict(zip(self._rows.tolist(), pairs, strict=True))
        fixes = np.stack([found.copies[places], given, suggested], axis=1)
        _, first, group = np.unique(fixes, axis=0, return_index=True, return_inverse=True)
        self._firsts = self._rows[np.sort(first)]
        order = np.argsort(group, kind="stable")
        parts = np.split(self._rows[order], np.flatnonzero(np.diff(group[order])) + 1)
        self._behind = {int(p[0]): tuple(p[1:].tolist()) for p in parts if len(p) > 1}

    def next_page(self, size: int) -> DoubtfulPage | NoPage:
        """Return the page of the most doubtful labels, or why there is none."""
        if (not_yet := self._not_yet()) is not None:
            return not_yet
        return self._page(self._firsts[:size]) if len(self._firsts) else self._end()

    def _not_yet(self) -> NoPage | None:
        """Return the reason to wait for pages; None for none."""
        finder = self._finder
        if finder.is_stopped and not finder.waits_for_reading:
            return NoPage(finder.why_unknown, "", tr("Compare them"), finder.find)
        if finder.is_current and not finder.waits_for_reading:
            return None
        finder.find()
        return NoPage(finder.why_unknown)

    def _end(self) -> NoPage:
        """Return the end of the pages, with the next step."""
        workbench, found = self._workbench, self._finder.audit
        if found is None or found.if_right is None:
            title = self._finder.why_unknown
            text = tr("Label some, import labels, or use folder names as labels (menu File).")
            go_on = partial(workbench.trigger, "import_labels")
            return NoPage(title, text, tr("Import labels…"), go_on)
        title = tr("No label is doubtful.")
        if not workbench.has("check_at_random"):
            return NoPage(title)
        text = tr("Random checks can now say how many labels are right.")
        go_on = partial(workbench.trigger, "check_at_random")
        return NoPage(title, text, tr("Check at random…"), go_on)

    def _page(self, rows: Rows) -> DoubtfulPage:
        behind = {row: self._behind[row] for row in rows.tolist() if row in self._behind}
        every = [*rows.tolist(), *(row for rest in behind.values() for row in rest)]
        records = self._workbench.project.labels.all
        return DoubtfulPage(
            rows,
            doubts={row: self._doubts[row] for row in every},
            behind=behind,
            labels={row: records[row : row + 1].copy() for row in every},
        )

    def renewed(self, page: DoubtfulPage, size: int) -> DoubtfulPage | None:
        """Return a page that was left; None where labels on it were decided elsewhere."""
        del size
        is_same = bool(page.marked) or bool(np.isin(page.all_rows, self._rows).all())
        return page if is_same and self._finder.is_current else None

    def resized(self, page: DoubtfulPage, size: int) -> DoubtfulPage | None:
        """Return the page with more or fewer labels, unless some are marked."""
        return None if page.marked else self._page(self._firsts[:size])

    def ahead(self, page: DoubtfulPage, size: int) -> Rows:
        """Return the images of the next page, as things are."""
        return self._firsts[~np.isin(self._firsts, page.all_rows)][:size]

    def is_stale(self, page: DoubtfulPage) -> bool:
        """Whether its labels or names changed elsewhere, or nothing on it is left to decide."""
        project, rows = self._workbench.project, page.all_rows
        keys = {key for one in page.doubts.values() for key in (one.given, one.suggested)}
        if any(project.concept(key) is None for key in keys):
            return True
        is_open = page.is_open(rows, project)
        is_said = [page.said(row, project) is not None for row in rows.tolist()]
        is_other = ~is_open & ~np.array(is_said, np.bool_)
        return bool(is_other.any()) or not (is_open.any() or page.marked)

    # ---- texts

    def heading(self, page: DoubtfulPage, number: int, size: int) -> Heading:
        """Return the question, and how many doubtful labels are left."""
        del number, size
        left = int(np.count_nonzero(~np.isin(self._rows, page.all_rows)))
        return Heading(
            tr("Which of these labels are wrong?"),
            trn("{count:,} more", "{count:,} more", left, zero=tr("the last ones")),
            how=tr("Click a wrong one for the other name, or press its key."),
        )

    def turn_text(self, page: DoubtfulPage, pictures: Sequence[PagePicture]) -> str:
        """Return how many labels are kept."""
        kept = sum(picture.count for picture in pictures if picture.verdict is Verdict.RIGHT)
        return trn("Keep {count:,} label", "Keep {count:,} labels", kept, zero=tr("Next page"))

    # ---- steps

    def say(
        self, page: DoubtfulPage, rows: Sequence[int], mark: Mark | None, now: Circumstances
    ) -> PageStep:
        """Return the step that gives images and their look-alikes a name, or takes it back."""
        project = self._workbench.project
        if self.is_stale(page):  # a name of it is gone
            return PageStep(None, mark_title(project, None, len(rows)))
        every = page.with_rest(rows)
        page.marked.update(every.tolist())
        return page.mark(every, mark, project, now)

    def decide(self, page: DoubtfulPage, unseen: Collection[int], now: Circumstances) -> PageStep:
        """Return the step by which the labels without a mark are right."""
        return page.kept(unseen, self._workbench.project, now)
