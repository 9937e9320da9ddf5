"""Facts about the program: version, licence, libraries, and its folders."""

import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication, QPixmap
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QWidget

from nameplate import __version__
from nameplate.storage.failure_log import log_file
from nameplate.storage.folders import models_folder, projects_folder
from nameplate.storage.preferences import preferences_path
from nameplate.storage.resources import resource
from nameplate.ui.actions.actions import Actions
from nameplate.ui.actions.table import actions_of
from nameplate.ui.widgets.boxes import column, plain_label, row
from nameplate.ui.widgets.painting import TITLE, font_of
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.wording.texts import tr

_LIBRARIES: Final = {
    "Qt for Python": ("PySide6_Essentials", "LGPL-3.0"),
    "onnxruntime": ("onnxruntime", "MIT"),
    "tokenizers": ("tokenizers", "Apache-2.0"),
    "numpy": ("numpy", "BSD-3-Clause"),
    "Pillow": ("pillow", "MIT-CMU"),
    "pi-heif-decoder": ("pi-heif-decoder", "BSD-3-Clause, libheif LGPL-3.0"),
    "huggingface_hub": ("huggingface_hub", "Apache-2.0"),
}
"""The largest libraries, each with its distribution and licence."""

_WIDTH: Final = 560


def libraries() -> dict[str, str]:
    """Return the version and licence of each of the largest libraries that is there."""
    found = dict[str, str]()
    for name, (distribution, licence) in _LIBRARIES.items():
        try:
            found[name] = f"{version(distribution)}, {licence}"
        except PackageNotFoundError:
            continue
    return found


def places() -> dict[str, str]:
    """Return where files of the program are kept."""
    return {
        tr("Projects"): str(projects_folder()),
        tr("Models"): str(models_folder()),
        tr("Settings"): str(preferences_path()),
        tr("Log"): str(log_file()),
    }


def details() -> str:
    """Return all of it as lines, to ask for help with."""
    facts = {
        "Nameplate": __version__,
        "Python": platform.python_version(),
        tr("System"): platform.platform(),
        **libraries(),
        **places(),
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items())


class About(QDialog):
    """Says it, with a button that copies it."""

    def __init__(self, window: QWidget, actions: Actions) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About Nameplate"))
        icon, name = QLabel(), plain_label(f"Nameplate {__version__}")
        icon.setPixmap(QPixmap(str(resource("icons", "nameplate.png"))).scaledToHeight(48))
        name.setFont(font_of(name.font(), TITLE, QFont.Weight.DemiBold))
        what = column(name, plain_label(tr("Label pictures by naming things.")), spacing=4)
        head = row(icon, what, None, spacing=12)
        licence = plain_label(tr("Free software under the Apache License 2.0."))
        copy, close = QPushButton(tr("Copy details")), QPushButton(tr("Close"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details()))
        close.clicked.connect(self.close)
        close.setDefault(True)
        more = list[QPushButton]()
        for action in (actions[one.id] for group in actions_of("About") for one in group):
            more.append(QPushButton(action.text()))
            more[-1].setToolTip(action.toolTip())
            more[-1].clicked.connect(action.trigger)
        built, kept = _table(tr("Built with"), libraries()), _table(tr("Kept in"), places())
        parts = (head, licence, built, kept)
        foot = row(copy, *more, None, close, spacing=8)
        layout = column(*parts, None, foot, margins=(24, 20, 24, 16), spacing=16)
        self.setLayout(layout)
        self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))


def _table(title: str, lines: Mapping[str, str]) -> QGridLayout:
    """Lay out names and their values below a title."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, 136)
    grid.setColumnStretch(1, 1)
    heading = plain_label(title)
    heading.setFont(font_of(heading.font(), weight=QFont.Weight.DemiBold))
    grid.addWidget(heading, 0, 0, 1, 2)
    for at, (name, value) in enumerate(lines.items(), 1):
        text = Paragraph(max_lines=1, elide=Qt.TextElideMode.ElideMiddle)
        text.show_text(value)
        grid.addWidget(plain_label(name), at, 0)
        grid.addWidget(text, at, 1)
    return grid
