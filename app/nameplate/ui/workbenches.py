"""The workbenches of an open project, one for each part of the main job and each feature."""

import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject

from nameplate.domain.changes import Effects
from nameplate.plug_ins.failures import contained
from nameplate.plug_ins.feature import Drop, Feature
from nameplate.plug_ins.registry import features, resolve
from nameplate.ui import learning
from nameplate.ui.pages import groups, left, pages
from nameplate.ui.pages.source import PageSource
from nameplate.ui.search.searching import Searching
from nameplate.ui.stacks import showing as stacks
from nameplate.ui.workbench import Frame, Workbench

_MAIN_JOB: Final[Mapping[str, Callable[[Workbench], object]]] = {
    "stacks": stacks.attach,
    "learning": learning.attach,
    "search": lambda workbench: workbench.part(Searching),
    "pages": left.attach,
    "groups": lambda _workbench: None,
}
"""The parts of the main job that work through a workbench, and what attaches each to a project."""

_TOGGLES: Final[Mapping[str, Callable[[Workbench], None]]] = {
    "stacks": stacks.toggle,
    "learning": learning.toggle,
    "groups": groups.toggle,
}


class Workbenches(QObject):
    """The workbenches of the open project: of the main job's parts, and one for each feature."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame.services.window)
        self._frame = frame
        self._open = dict[str, Workbench]()
        self._lasting = {feature.id: dict[type, Any]() for feature in features()}
        frame.services.owner.changed.connect(self._on_project_changed)

    def __getitem__(self, feature_id: str) -> Workbench:
        return self._open[feature_id]

    def begin(self) -> None:
        """Attach the main job and the features to the open project."""
        for name in _MAIN_JOB:
            self._open[name] = Workbench(name, self._frame)
        for name, attach in _MAIN_JOB.items():
            attach(self._open[name])
        for feature in features():
            lasting = self._lasting[feature.id]
            self._open[feature.id] = workbench = Workbench(feature.id, self._frame, lasting)
            for part in lasting.values():
                with _told():
                    part.begin(workbench)
        for feature in features():
            if feature.attach:
                with _told():
                    self._call(feature, feature.attach)

    def end(self) -> None:
        """End all: the project, or the window, is closed."""
        for workbench in self._open.values():
            with _told():
                workbench.end()

    # ---- the main job

    def check_pages(self, source: PageSource[Any] | None = None) -> None:
        """Show or leave the usual pages; or show those of a source."""
        pages.toggle(self._open["pages"], source)

    def toggle(self, name: str) -> None:
        """Trigger the menu entry of a part of the main job; see `_TOGGLES`."""
        _TOGGLES[name](self._open[name])

    def open_or_close_stack(self) -> None:
        """Show each picture of the current stack, or one for all again."""
        stacks.open_or_close(self._open["stacks"])

    # ---- features

    def act(self, action_id: str) -> None:
        """Do an action of a feature, if it is there."""
        for feature in features():
            for action in feature.actions:
                if action.id == action_id:
                    self._call(feature, str(action.run))

    def drops(self, kind: str) -> list[tuple[Drop, Callable[..., None]]]:
        """Return the actions of features for dropped files of a kind."""
        return [
            (drop, partial(self._call, feature, drop.run))
            for feature in features()
            for drop in feature.drops
            if drop.kind == kind
        ]

    def _call(self, feature: Feature, reference: str, *args: object) -> None:
        with contained(feature.package):
            resolve(feature, reference)(self._open[feature.id], *args)

    def _on_project_changed(self, effects: Effects) -> None:
        if effects.opened:
            self.end()
            self.begin()
            return
        for workbench in tuple(self._open.values()):
            with _told():
                workbench.tell(effects)


@contextmanager
def _told() -> Generator[None]:
    """Let an error of one feature be told as any that nobody foresaw, and keep no other from it."""
    try:
        yield
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a feature of others does
        sys.excepthook(type(error), error, error.__traceback__)
