"""The settings: a control for each preference, which applies at once and can be reset."""

import os
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QPushButton, QSpinBox, QWidget

from nameplate.inference.runtime.providers import device_names
from nameplate.storage.preferences import LABELLING, PREFERENCES, USUAL, Preference
from nameplate.ui.jobs.model_in_use import format_device
from nameplate.ui.services import Services
from nameplate.ui.widgets.boxes import NumberBox, choice, column, heading, plain_label, row, small
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.theme import scaled
from nameplate.ui.widgets.work_panel import ColumnPanel
from nameplate.wording.texts import tr, trn
from nameplate.wording.translation import NAMES

_CONTROL: Final = 210
_AGAIN_MS: Final = 500
_KEYS: Final = Preference("Keys", "", LABELLING)


class SettingsPanel(ColumnPanel):
    """Shows all preferences by group; each applies at once, or says that it will later."""

    guide_page = "settings"

    def __init__(self, services: Services, renew: Callable[[], bool]) -> None:
        """Show all preferences; `renew` makes the window again, unless something would be lost."""
        super().__init__(tr("Settings"))
        self._preferences, self._in_use = services.preferences, services.model_in_use
        self._messages, self._renew_window = services.messages, renew
        self._hints = dict[str, Paragraph]()
        self._resets = dict[str, QPushButton]()
        self._show = dict[str, Callable[[Any], object]]()
        self._controls = {name: self._control(name, one) for name, one in PREFERENCES.items()}
        self._controls["keys"] = keys = QPushButton(tr("Change keys…"))
        keys.clicked.connect(services.actions.trigger("change_keys"))
        self._reset_all = QPushButton(tr("Reset all"))
        self._reset_all.clicked.connect(self._on_reset_all)
        self._language = self._preferences.values.language
        self._renewal = Later(self, _AGAIN_MS, self._renew)
        self._lay_out()
        self._preferences.changed.connect(self._on_changed)
        self._in_use.loaded.connect(self._show_state)
        self._in_use.load_failed.connect(self._show_state)
        for name in self._controls:
            self._show_value(name)
        self._show_state()

    # ---- building

    def _control(self, name: str, about: Preference) -> QWidget:
        """Make the control of a preference, by the kind of its default."""

        def choose(value: object) -> None:
            self._preferences.choose(name, value)

        match USUAL[name]:
            case bool():
                control = QCheckBox()
                control.toggled.connect(choose)
                self._show[name] = control.setChecked
            case int():
                control = box = NumberBox()
                most = max(1, os.cpu_count() or 1) if name == "processors" else about.most
                box.setRange(0 if about.zero else about.least, most)
                box.setSpecialValueText(tr(about.zero))
                box.setSuffix(f" {tr(about.unit)}" if about.unit else "")
                box.setSingleStep(about.step)
                box.setKeyboardTracking(False)  # else each digit would be chosen
                box.valueChanged.connect(choose)
                self._show[name] = box.setValue
            case _:
                control = combo = choice(tr(about.text))
                for value, text in _values(name, about).items():
                    combo.addItem(text, value)
                combo.currentIndexChanged.connect(lambda _: choose(combo.currentData()))
                self._show[name] = lambda value: combo.setCurrentIndex(combo.findData(value))
        control.setAccessibleName(tr(about.text))
        return control

    def _lay_out(self) -> None:
        parts, groups = list[QWidget](), dict[str, list[str]]()
        for name, about in (*PREFERENCES.items(), ("keys", _KEYS)):
            groups.setdefault(about.group, []).append(name)
        for group, names in groups.items():
            rows = [self._row(name, PREFERENCES.get(name, _KEYS)) for name in names]
            made = QWidget()
            made.setLayout(column(heading(tr(group)), *rows, margins=(0, 8, 0, 0), spacing=10))
            parts.append(made)
        self.add_to_head(self._reset_all)
        self.lay_out_column(*parts)

    def _row(self, name: str, about: Preference) -> QWidget:
        """Build the row of a preference: title, hint, control, and Reset."""
        control, label, hint = self._controls[name], plain_label(tr(about.text)), small(Paragraph())
        label.setBuddy(control)
        self._hints[name] = hint
        control.setEnabled(not _variable_in_place_of(name))
        self._say(name, tr(about.tip))
        reset = self._resets[name] = QPushButton(tr("Reset"))
        reset.setAccessibleName(tr("Reset: {setting}", setting=tr(about.text)))
        reset.clicked.connect(lambda: self._preferences.choose(name, USUAL[name]))
        policy = reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # nothing moves when it comes
        reset.setSizePolicy(policy)
        made, said, beside = QWidget(), QWidget(), QWidget()
        said.setLayout(column(label, hint, spacing=2))
        is_wide = isinstance(control, (QSpinBox, QComboBox))
        control.setMaximumWidth(scaled(_CONTROL))
        beside.setLayout(row(control, grows=0) if is_wide else row(control, None))
        beside.setFixedWidth(scaled(_CONTROL))
        made.setLayout(row(said, beside, reset, spacing=12, grows=0))
        return made

    def open_panel(self) -> None:
        """Show it, with the focus on the first setting."""
        super().open_panel()
        first = next(one for one in self._controls.values() if one.isEnabled())
        first.setFocus(Qt.FocusReason.OtherFocusReason)
        self._renew()

    # ---- what is chosen

    def _on_changed(self, name: str) -> None:
        self._show_value(name)
        if name == "language":
            self._renewal.start()  # with the keyboard one goes through all of them
            self._show_state()
        elif name in ("device", "processors"):
            self._say("device", tr("Loading the model…"))

    def _show_value(self, name: str) -> None:
        """Show the chosen value, and Reset where it is not the default."""
        value = self._preferences.values[name]
        if name in self._show:
            with QSignalBlocker(self._controls[name]):
                self._show[name](value)
        else:
            others = trn(
                "{count:,} action with other keys", "{count:,} actions with other keys", len(value)
            )
            self._say(name, others if value else tr("Of commands and names"))
        reset, is_usual = self._resets[name], value == USUAL[name]
        if self.window().focusWidget() is reset and is_usual:
            self._controls[name].setFocus(Qt.FocusReason.OtherFocusReason)
        reset.setVisible(not is_usual and self._controls[name].isEnabled())
        self._reset_all.setEnabled(bool(self._preferences.values.changed()))

    def _show_state(self) -> None:
        """Show the device in use, and the settings that apply at the next start."""
        model = self._in_use.model
        on = ""
        if model:
            on = tr("Runs on {device} now", device=format_device(model.device.device))
        self._say("device", on or tr("Loading the model…"))
        waits = self._preferences.values.language != self._language
        late = tr("Applies once the current work ends")
        self._say("language", late if waits else tr(PREFERENCES["language"].tip))

    def _say(self, name: str, hint: str) -> None:
        """Show a hint below a preference, or the environment variable that overrides it."""
        if variable := _variable_in_place_of(name):
            hint = tr("Set by {variable}", variable=variable)
        self._hints[name].show_text(hint)
        self._controls[name].setAccessibleDescription(hint)

    def _on_reset_all(self) -> None:
        """Reset everything, and offer to take that back."""
        before = self._preferences.values.changed()
        self._put({name: USUAL[name] for name in before})
        self._messages.tell(tr("All settings are reset."), (tr("Undo"), lambda: self._put(before)))

    def _put(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            self._preferences.choose(name, value)

    def _renew(self) -> None:
        """Have the window made again in another language, as soon as nothing is lost by that."""
        is_due = self.is_open and self._preferences.values.language != self._language
        is_due &= self._controls["language"].isEnabled()
        if is_due and not self._renew_window():
            self._renewal.ask()


def _variable_in_place_of(name: str) -> str:
    """Return the variable of the environment that decides in place of a preference, if any."""
    variable = PREFERENCES.get(name, _KEYS).variable
    return variable if os.environ.get(variable) else ""


def _values(name: str, about: Preference) -> dict[str, str]:
    """Return the text of each value that can be chosen on this system."""
    if name == "language":
        return {"": tr("Same as the system"), **NAMES}
    values = device_names() if name == "device" else about.values
    return {value: tr(about.values[value]) for value in values}
