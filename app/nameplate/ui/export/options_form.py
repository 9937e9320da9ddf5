"""The form for the options of an export format."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QWidget

from nameplate.formats.export_format import ExportFormat, ExportOptions, SidecarName, Transfer
from nameplate.formats.exported_image import Which
from nameplate.ui.widgets.boxes import NumberBox, choice
from nameplate.ui.widgets.paragraph import tip

_CHECKS: Final = {
    "all_scores": ("The probability of every name", ""),
    "absolute_paths": ("Whole paths", "From the drive on, instead of from the pictures' folder on"),
    "byte_order_mark": ("Mark for Excel", "Without it, older versions of Excel garble accents"),
    "with_parents": (
        "The parents of each name too",
        "animal/dog, in a place of its own: the label itself stays dog",
    ),
    "with_stacks": (
        "Which pictures belong together",
        "A number that copies of a picture and the frames of a burst share",
    ),
    "unlabelled": ("Pictures without a label too", "In a folder called _unlabelled"),
    "refuse_several": (
        "No picture with several labels",
        "Otherwise such a picture comes into the folder of each of its names",
    ),
}
"""By option: its words, and what there is to say more."""

_NAMES: Final = {
    Which.BEST: "Every picture's best name",
    Which.LABELS: "Labels only",
    Which.DECIDED: "Only what you decided",
}
_TRANSFERS: Final = {
    Transfer.COPY: "copied",
    Transfer.LINK: "hard links: no room taken",
    Transfer.MOVE: "moved there",
}
_SIDECARS: Final = {SidecarName.WITH_ENDING: "a.jpg.xmp", SidecarName.WITHOUT_ENDING: "a.xmp"}
_UNSPLIT: Final = "not split"
_USUAL_SPLITS: Final = ("80, 20", "80, 10, 10", "70, 15, 15")


class OptionsForm(QWidget):
    """Shows and changes `ExportOptions`.

    Signals:
        changed: A person changed an option.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._options = ExportOptions()
        self._format: ExportFormat | None = None
        self._controls: dict[str, QWidget] = {}
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._checks = {name: QCheckBox(text) for name, (text, _) in _CHECKS.items()}
        for name, box in self._checks.items():
            box.setToolTip(tip(_CHECKS[name][1]))
        self._which = choice("Which names are exported")
        self._which.setMaximumWidth(330)  # with its count
        for which, text in _NAMES.items():
            self._which.addItem(text, which)
        self._split = choice("Shares of training, validation and test, such as 80, 10, 10")
        typed = QLineEdit()
        typed.setAccessibleName(self._split.accessibleName())
        self._split.setLineEdit(typed)
        self._seed = NumberBox()
        self._seed.setMaximumWidth(210)
        self._seed.setRange(0, 999_999)
        self._seed.setAccessibleName("Seed of the split")
        self._seed.setToolTip("The same number gives the same split")
        self._transfer = choice("How the pictures come into the folder")
        for transfer, text in _TRANSFERS.items():
            self._transfer.addItem(text, transfer)
        self._sidecars = choice("How the file of a picture a.jpg is called")
        for called, text in _SIDECARS.items():
            self._sidecars.addItem(text, called)
        self._prefix = QLineEdit()
        self._prefix.setAccessibleName("Put before the path of each picture")
        self._prefix.setPlaceholderText("/data/local-files/?d=")
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(5)
        self._rows = layout
        self._add("which", "Names:", self._which)
        for name, box in self._checks.items():
            self._add(name, "", box)
        self._add("transfer", "Pictures:", self._transfer)
        self._add("split", "Parts in %:", self._split)
        self._add("seed", "Seed:", self._seed)
        self._add("sidecar_name", "Called:", self._sidecars)
        self._add("image_prefix", "Before each path:", self._prefix)

    def _add(self, option: str, text: str, control: QWidget) -> None:
        self._controls[option] = control
        if text:
            self._rows.addRow(text, control)
        else:
            self._rows.addRow(control)

    def _connect(self) -> None:
        for name, box in self._checks.items():
            box.toggled.connect(self._setter(name))
        self._seed.valueChanged.connect(self._setter("seed"))
        self._prefix.textChanged.connect(self._setter("image_prefix"))
        choices = {
            "which": self._which,
            "transfer": self._transfer,
            "sidecar_name": self._sidecars,
        }
        for name, combo in choices.items():
            self._connect_choice(name, combo)
        self._split.currentTextChanged.connect(self._on_split)

    def _connect_choice(self, name: str, combo: QComboBox) -> None:
        set_option = self._setter(name)
        combo.currentIndexChanged.connect(lambda _: set_option(combo.currentData()))

    def _setter(self, name: str) -> Callable[[Any], None]:
        def set_option(value: Any) -> None:
            self._options = replace(self._options, **{name: value})
            self.changed.emit()

        return set_option

    @property
    def options(self) -> ExportOptions:
        """The chosen options; those that the format does not use have their defaults."""
        heeded = self._format.options if self._format else frozenset[str]()
        given = {name: getattr(self._options, name) for name in heeded}
        return ExportOptions(**given)

    def control(self, option: str) -> QWidget:
        """Return the control of an option."""
        return self._controls[option]

    def show_options(self, chosen: ExportFormat, options: ExportOptions | None = None) -> None:
        """Show the options of a format without a signal; None keeps the choices."""
        self._format, self._options = chosen, options or self._options
        blockers = [QSignalBlocker(control) for control in self._controls.values()]
        for name, control in self._controls.items():
            self._rows.setRowVisible(control, name in chosen.options)
        for name, box in self._checks.items():
            box.setChecked(getattr(self._options, name))
        self._seed.setValue(self._options.seed)
        self._prefix.setText(self._options.image_prefix)
        self._which.setCurrentIndex(self._which.findData(self._options.which))
        self._transfer.setCurrentIndex(self._transfer.findData(self._options.transfer))
        self._sidecars.setCurrentIndex(self._sidecars.findData(self._options.sidecar_name))
        self._split.clear()
        self._split.addItems([*([] if chosen.usual_split else [_UNSPLIT]), *_USUAL_SPLITS])
        shares = self._options.split or chosen.usual_split
        self._split.setEditText(split_text(shares) if shares else _UNSPLIT)
        del blockers

    def show_counts(self, named: Mapping[Which, int]) -> None:
        """Show how many pictures get a name by each choice."""
        for which, count in named.items():
            self._which.setItemText(self._which.findData(which), f"{_NAMES[which]} ({count:,})")

    def _on_split(self, text: str) -> None:
        self._setter("split")(split_of(text))


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


def options_as_json(options: ExportOptions) -> dict[str, Any]:
    """Return options as JSON values."""
    plain = {one.name: getattr(options, one.name) for one in fields(options)}
    enums = {name: plain[name].value for name in ("which", "transfer", "sidecar_name")}
    return plain | {"split": list(options.split)} | enums


def options_of_json(values: Any) -> ExportOptions:
    """Return the options from values of `options_as_json`; invalid ones get their defaults."""
    usual, given = ExportOptions(), dict[str, Any]()
    for name, value in (values if isinstance(values, dict) else {}).items():
        match name, value:
            case "transfer", str() if value in {one.value for one in Transfer}:
                given[name] = Transfer(value)
            case "sidecar_name", str() if value in {one.value for one in SidecarName}:
                given[name] = SidecarName(value)
            case "which", str() if value in {one.value for one in Which}:
                given[name] = Which(value)
            case "decided_only", True:  # as it was called before
                given["which"] = Which.DECIDED
            case "split", list() if all(isinstance(one, float | int) for one in value):
                given[name] = tuple(map(float, value))
            case (("transfer" | "sidecar_name" | "split" | "which" | "decided_only"), _):
                continue
            case str(), bool() | int() | str() if type(value) is type(getattr(usual, name, None)):
                given[name] = value
            case _:
                continue
    return ExportOptions(**given)
