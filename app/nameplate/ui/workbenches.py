"""Gives each feature a workbench for each project that is opened, and calls what it declares."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from nameplate.domain.changes import Effects
from nameplate.domain.feature import Drop, Feature
from nameplate.system.features import features, resolve
from nameplate.ui.workbench import Lasting, Workbench

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts


class Workbenches(QObject):
    """The workbenches of the open project, one for each feature."""

    def __init__(self, frame: "WindowParts") -> None:
        super().__init__(frame)
        self._frame = frame
        self._open = dict[str, Workbench]()
        self._lasting = {feature.id: dict[type, Lasting]() for feature in features()}
        frame.owner.happened.connect(self._on_happened)

    def __getitem__(self, feature_id: str) -> Workbench:
        return self._open[feature_id]

    def begin(self) -> None:
        """Attach the features to the open project."""
        for feature in features():
            lasting = self._lasting[feature.id]
            self._open[feature.id] = workbench = Workbench(feature, self._frame, lasting)
            for part in lasting.values():
                with _told():
                    part.begin(workbench)
        for feature in features():
            if feature.attach:
                with _told():
                    self._call(feature, feature.attach)

    def end(self) -> None:
        """End all: the project is closed."""
        for workbench in self._open.values():
            with _told():
                workbench.end()

    def shut_down(self) -> None:
        """End all, also what outlives projects: the window is closed."""
        self.end()
        for part in [part for parts in self._lasting.values() for part in parts.values()]:
            with _told():
                part.close()

    def act(self, action_id: str, *about: object) -> None:
        """Do an action of a feature, if it is there, with what it is about."""
        for feature in features():
            for action in feature.actions:
                if action.id == action_id:
                    self._call(feature, str(action.run), *about)

    def drops(self, kind: str) -> list[tuple[Drop, Callable[..., None]]]:
        """Return what features do with dropped files of a kind."""
        return [
            (drop, partial(self._call, feature, drop.run))
            for feature in features()
            for drop in feature.drops
            if drop.kind == kind
        ]

    def _call(self, feature: Feature, reference: str, *args: object) -> None:
        resolve(feature, reference)(self._open[feature.id], *args)

    def _on_happened(self, effects: Effects) -> None:
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
    except Exception as error:  # noqa: BLE001 - whatever a feature of others does
        sys.excepthook(type(error), error, error.__traceback__)
