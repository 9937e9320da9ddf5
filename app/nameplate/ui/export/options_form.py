"""The form for the options of an export format."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from nameplate.formats.export_format import OPTIONS, ExportFormat, ExportOptions, Option
from nameplate.formats.exported_image import Which
from nameplate.formats.labels_csv import COLUMNS
from nameplate.ui.widgets.boxes import choice, column, field, row, toggle
from nameplate.ui.widgets.paragraph import tip
from nameplate.ui.widgets.theme import icon
from nameplate.wording.texts import tr

_FIRST: Final = ("which", "csv_columns", "transfer", "sidecar_name", "image_prefix")
"""Options that are seen at once; the others are under *More options*."""

_USUAL: Final = ExportOptions()


class OptionsForm(QWidget):
    """Shows and changes `ExportOptions`: a control for each that is declared, and each column."""

    def __init__(
        self,
        options: ExportOptions,
        on_changed: Callable[[], object],
        on_more: Callable[[], object],
    ) -> None:
        """Make a form that begins with `options`.

        `on_changed` is called when a person changed an option; `on_more` when the form takes more
        or less room: more options are shown, or fewer.
        """
        super().__init__()
        self._on_changed = on_changed
        self._options = options
        self._format: ExportFormat | None = None
        self._show = dict[str, Callable[[Any], object]]()
        rest = [name for name in OPTIONS if name not in _FIRST]
        rest.sort(key=lambda name: not isinstance(getattr(_USUAL, name), bool))  # ticks first
        self._controls = {name: self._make(name, OPTIONS[name]) for name in (*_FIRST, *rest)}
        self._columns = dict[str, QCheckBox]()
        for name, one in COLUMNS.items():
            box = self._columns[name] = QCheckBox(tr(one.text))
            box.setToolTip(tip(tr(one.tip)))
            box.toggled.connect(self._on_column)
        self._shown = {
            name: one if isinstance(one, QCheckBox) else field(tr(OPTIONS[name].text), one)
            for name, one in self._controls.items()
        }
        for part in (*self._shown.values(), *self._columns.values()):
            part.setParent(self)  # whether or not it is shown: Qt has to end it
            part.hide()
        self._more = toggle(tr("More options"))
        self._more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._more.toggled.connect(self._show_more)
        self._more.toggled.connect(on_more)
        self._first, self._rest = _grid(), _grid()
        self._below = QWidget()
        self._below.setLayout(self._rest)
        self.setLayout(column(self._first, row(self._more, None), self._below, spacing=8))
        self._show_more()

    def _make(self, name: str, option: Option) -> QWidget:
        """Make the control of an option, by the kind of its default."""

        def change(value: object) -> None:
            self._options = replace(self._options, **{name: value})
            self._on_changed()

        match getattr(self._options, name):
            case bool():
                control = QCheckBox(tr(option.text))
                control.setToolTip(tip(tr(option.tip)))
                control.toggled.connect(change)
                self._show[name] = control.setChecked
            case Enum():
                control = combo = choice(tr(option.name))
                for value, text in option.values.items():
                    combo.addItem(tr(text), value)
                combo.currentIndexChanged.connect(lambda _: change(combo.currentData()))
                self._show[name] = lambda value: combo.setCurrentIndex(combo.findData(value))
            case _:
                control = QLineEdit()
                control.setPlaceholderText(tr(option.tip))
                control.textChanged.connect(change)
                self._show[name] = control.setText
        control.setAccessibleName(tr(option.name))
        control.setMaximumWidth(352)
        return control

    def _on_column(self) -> None:
        chosen = tuple(name for name, box in self._columns.items() if box.isChecked())
        self._options = replace(self._options, columns=chosen)
        self._on_changed()

    @property
    def options(self) -> ExportOptions:
        """The chosen options; those that the format does not use have their defaults."""
        heeded = self._format.options if self._format else frozenset[str]()
        given = {name: getattr(self._options, name) for name in heeded}
        return ExportOptions(**given)

    def control(self, option: str) -> QWidget:
        """Return the control of an option, or of a column of a feature."""
        return {**self._columns, **self._controls}[option]

    def show_options(self, chosen: ExportFormat, options: ExportOptions | None = None) -> None:
        """Show the options of a format as they are; None keeps the choices.

        The choices that the format does not heed are kept in any case, for another one.
        """
        given = {name: getattr(options, name) for name in chosen.options} if options else {}
        self._format, self._options = chosen, replace(self._options, **given)
        for name, control in self._controls.items():
            with QSignalBlocker(control):
                self._show[name](getattr(self._options, name))
        for name, box in self._columns.items():
            with QSignalBlocker(box):
                box.setChecked(name in self._options.columns)
        self._arrange(chosen)

    def _arrange(self, chosen: ExportFormat) -> None:
        """Fill the two grids with what the format heeds; what is in effect is never hidden."""
        all_parts = [*self._shown.values(), *self._columns.values()]
        for part in all_parts:
            for grid in (self._first, self._rest):
                grid.removeWidget(part)
            part.hide()
        columns = self._columns if "columns" in chosen.options else {}
        first = [self._shown[name] for name in _FIRST if name in chosen.options]
        names = [name for name in self._shown if name in chosen.options and name not in _FIRST]
        rest = [*(self._shown[name] for name in names), *columns.values()]
        for grid, parts in ((self._first, first), (self._rest, rest)):
            for place, part in enumerate(parts):
                grid.addWidget(part, place // 2, place % 2)
                part.show()
        usual = all(getattr(self._options, name) == getattr(_USUAL, name) for name in names)
        self._more.setVisible(bool(rest))
        self._more.setChecked(not usual or bool(columns and self._options.columns))

    def _show_more(self) -> None:
        self._below.setVisible(self._more.isChecked())
        self._more.setIcon(icon("arrow-up" if self._more.isChecked() else "arrow-down"))

    def set_which(self, which: Which) -> None:
        """Choose which names are exported, without a word to who follows changes."""
        with QSignalBlocker(self._controls["which"]):
            self._show["which"](which)
        self._options = replace(self._options, which=which)

    def show_counts(self, named: Mapping[Which, int]) -> None:
        """Show how many pictures get a name by each choice."""
        box = self._controls["which"]
        assert isinstance(box, QComboBox)  # noqa: S101
        for which, count in named.items():
            which_text = tr(OPTIONS["which"].values[which])
            text = tr("{text} ({count:,})", text=which_text, count=count)
            box.setItemText(box.findData(which), text)


def _grid() -> QGridLayout:
    """Return a grid of two columns of one width."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(8)
    for at in range(2):
        grid.setColumnStretch(at, 1)
    return grid
