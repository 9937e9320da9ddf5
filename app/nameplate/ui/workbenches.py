"""Gives each feature a workbench for each project that is opened, and calls what it declares."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.feature import Action, Drop, Feature
from nameplate.system.features import features, resolve
from nameplate.ui.workbench import Frame, Workbench


class Workbenches(QObject):
    """The workbenches of the open project, one for each feature."""

    def __init__(self, frame: Frame, parent: QObject) -> None:
        super().__init__(parent)
        self._frame = frame
        self._open = dict[str, Workbench]()
        owner = frame.owner
        owner.opened.connect(self._on_opened)
        owner.changed.connect(self._tell)
        owner.read.connect(lambda rows: self._tell(Effects(read=rows)))
        owner.when_found("stacks", lambda: self._tell(Effects(stacks=True)))
        owner.suggestions_changed.connect(lambda: self._tell(Effects(suggestions=True)))

    def __getitem__(self, feature_id: str) -> Workbench:
        return self._open[feature_id]

    def begin(self) -> None:
        """Attach the features to the open project."""
        for feature in features():
            self._open[feature.id] = Workbench(feature, self._frame)
        for feature in features():
            if feature.attach:
                with _told():
                    self._call(feature, feature.attach)

    def end(self) -> None:
        """End all: the project is closed."""
        for workbench in self._open.values():
            with _told():
                workbench.end()

    def act(self, action: Action[Any]) -> None:
        """Do an action of a feature."""
        feature = next(feature for feature in features() if action in feature.actions)
        self._call(feature, str(action.run))

    def drops(self, kind: str) -> list[tuple[Drop, Callable[[Path], None]]]:
        """Return what features do with dropped files of a kind."""
        return [
            (drop, partial(self._call, feature, drop.run))
            for feature in features()
            for drop in feature.drops
            if drop.kind == kind
        ]

    def _call(self, feature: Feature, reference: str, *args: object) -> None:
        resolve(feature, reference)(self._open[feature.id], *args)

    @Slot()
    def _on_opened(self) -> None:
        self.end()
        self.begin()

    @Slot(object)
    def _tell(self, effects: Effects) -> None:
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
