"""The form for the options of an export format."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QWidget

from nameplate.formats.export_format import OPTIONS, ExportFormat, ExportOptions, Option
from nameplate.formats.exported_image import Which
from nameplate.formats.labels_csv import COLUMNS
from nameplate.ui.widgets.boxes import NumberBox, choice
from nameplate.ui.widgets.paragraph import tip

_UNSPLIT: Final = "not split"
_USUAL_SPLITS: Final = ("80, 20", "80, 10, 10", "70, 15, 15")


class OptionsForm(QWidget):
    """Shows and changes `ExportOptions`: a row for each that is declared, and each column."""

    def __init__(self, on_changed: Callable[[], object]) -> None:
        """Make a form; `on_changed` is called when a person changed an option."""
        super().__init__()
        self._on_changed = on_changed
        self._options = ExportOptions()
        self._format: ExportFormat | None = None
        self._controls = dict[str, QWidget]()
        self._show = dict[str, Callable[[Any], object]]()
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setVerticalSpacing(5)
        # Which names are exported comes first; then what is ticked, and what is chosen.
        for name, option in sorted(
            OPTIONS.items(), key=lambda item: (item[0] != "which", *self._order(item[0]))
        ):
            control = self._controls[name] = self._make(name, option)
            if isinstance(control, QCheckBox):
                self._rows.addRow(control)
            else:
                self._rows.addRow(option.text, control)
        self._columns = dict[str, QCheckBox]()
        for name, column in COLUMNS.items():
            box = self._columns[name] = QCheckBox(column.text)
            box.setToolTip(tip(column.tip))
            box.toggled.connect(self._on_column)
            self._rows.addRow(box)

    def _order(self, name: str) -> tuple[bool, bool]:
        usual = getattr(self._options, name)
        return not isinstance(usual, bool), not isinstance(usual, Enum)

    def _make(self, name: str, option: Option) -> QWidget:
        """Make the control of an option, by the kind of its default."""

        def change(value: object) -> None:
            self._options = replace(self._options, **{name: value})
            self._on_changed()

        match getattr(self._options, name):
            case bool():
                control = QCheckBox(option.text)
                control.setToolTip(tip(option.tip))
                control.toggled.connect(change)
                self._show[name] = control.setChecked
            case Enum():
                control = combo = choice(option.name)
                for value, text in option.values.items():
                    combo.addItem(text, value)
                combo.currentIndexChanged.connect(lambda _: change(combo.currentData()))
                self._show[name] = lambda value: combo.setCurrentIndex(combo.findData(value))
            case int():
                control = NumberBox()
                control.setMaximumWidth(210)
                control.setRange(0, 999_999)
                control.setToolTip(tip(option.tip))
                control.valueChanged.connect(change)
                self._show[name] = control.setValue
            case str():
                control = QLineEdit()
                control.setPlaceholderText(option.tip)
                control.textChanged.connect(change)
                self._show[name] = control.setText
            case _:
                control = shares = choice(option.name)
                typed = QLineEdit()
                typed.setAccessibleName(option.name)
                control.setLineEdit(typed)
                control.currentTextChanged.connect(lambda text: change(split_of(text)))
                self._show[name] = lambda value: self._show_split(shares, value)
        control.setAccessibleName(option.name)
        if name == "which":
            control.setMaximumWidth(330)  # with its count
        return control

    @Slot()
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
        """Show the options of a format as they are; None keeps the choices."""
        self._format, self._options = chosen, options or self._options
        for name, control in self._controls.items():
            self._rows.setRowVisible(control, name in chosen.options)
            with QSignalBlocker(control):
                self._show[name](getattr(self._options, name))
        for name, box in self._columns.items():
            self._rows.setRowVisible(box, "columns" in chosen.options)
            with QSignalBlocker(box):
                box.setChecked(name in self._options.columns)

    def _show_split(self, box: QComboBox, shares: tuple[float, ...]) -> None:
        usual = self._format.usual_split if self._format else ()
        box.clear()
        box.addItems([*([] if usual else [_UNSPLIT]), *_USUAL_SPLITS])
        box.setEditText(split_text(shares or usual) if shares or usual else _UNSPLIT)

    def show_counts(self, named: Mapping[Which, int]) -> None:
        """Show how many pictures get a name by each choice."""
        box = self._controls["which"]
        assert isinstance(box, QComboBox)  # noqa: S101
        for which, count in named.items():
            text = f"{OPTIONS['which'].values[which]} ({count:,})"
            box.setItemText(box.findData(which), text)


def split_of(text: str) -> tuple[float, ...]:
    """Return the shares in a text; NaN for what is not a number, nothing for no split.

    >>> split_of("80, 10, 10"), split_of("not split")
    ((80.0, 10.0, 10.0), ())
    """
    if text.strip() in ("", _UNSPLIT):
        return ()
    return tuple(_share(part) for part in text.replace(";", ",").replace("%", "").split(","))


def _share(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def split_text(shares: tuple[float, ...]) -> str:
    """Return shares in percent, as a person types them.

    >>> split_text((0.8, 0.1, 0.1))
    '80, 10, 10'
    """
    whole = sum(shares) or 1.0
    return ", ".join(f"{100 * share / whole:.4g}" for share in shares)
