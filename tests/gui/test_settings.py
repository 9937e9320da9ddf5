"""The settings of the window: one panel, applied at once, kept, reset, and never lost silently."""

import threading
import tomllib

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QSpinBox
from shiboken6 import Shiboken

from nameplate.inference.runtime.providers import device_names
from nameplate.storage.preferences import (
    PREFERENCES,
    USUAL,
    keep_preference,
    preferences,
    preferences_path,
)
from nameplate.system import processors
from nameplate.system.processors import available_cpus
from nameplate.ui.app import make_window as make_window_of_program
from nameplate.ui.app import renewed, speak
from nameplate.ui.jobs import preferences_in_use
from nameplate.ui.jobs.jobs import Task
from qt_help import press_button, wait
from window_driver import WindowDriver


@pytest.fixture(autouse=True)
def no_limit_is_left(monkeypatch):
    monkeypatch.setattr(processors, "_most", None)


@pytest.fixture
def settings(window):
    window.main.activateWindow()
    window.press("Ctrl+,")
    assert window.settings_panel.is_open
    return window


def kept(window: WindowDriver) -> dict[str, object]:
    """Return what is in the file, once all is written."""
    window.main.preferences.finish()
    path = preferences_path()
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def begin(text: str) -> None:
    preferences_path().parent.mkdir(parents=True, exist_ok=True)
    preferences_path().write_text(text)


# ---- the panel


def test_the_panel_opens_by_its_key_and_escape_leads_back_to_the_pictures(opened):
    opened.press("Ctrl+,")
    assert opened.focused == "Language"
    opened.press("Escape")
    assert not opened.settings_panel.is_open
    assert opened.has_focus_on_pictures


def test_each_setting_has_a_name_a_hint_and_is_reached_by_tab(settings):
    said = settings.said_in_settings()
    stops = settings.walk_by_tab()
    for name, about in PREFERENCES.items():
        assert settings.setting(about.text).accessibleName() == about.text
        assert about.text in said
        assert about.text in stops
        if name != "device":
            assert about.tip in said
            assert settings.setting(about.text).accessibleDescription() == about.tip
    assert "Change keys…" in stops


def test_each_setting_can_be_changed_and_reset_by_the_keyboard_alone(settings, monkeypatch):
    monkeypatch.setattr(settings.main, "renew", lambda: False)
    keys = {QComboBox: ["Down"]}
    for name, about in PREFERENCES.items():
        control = settings.setting(about.text)
        control.setFocus()
        is_box = isinstance(USUAL[name], bool)
        settings.press(*keys.get(type(control), ["Space"] if is_box else ["Down"]))
        if isinstance(control, QComboBox):
            assert control.currentIndex() == 1
        elif not is_box:
            settings.press("Up", "Up", "Return")
        assert settings.main.preferences.values[name] != USUAL[name], name
        reset = settings.reset_of(about.text)
        assert reset.isVisible()
        reset.setFocus()
        settings.press("Space")
        assert settings.main.preferences.values[name] == USUAL[name]
        assert not reset.isVisible()
        assert settings.focused == about.text
    assert not kept(settings)


def test_the_list_of_languages_shows_all_of_them(settings):
    box = settings.setting("Language")
    box.showPopup()
    view, last = box.view(), box.model().index(box.count() - 1, 0)
    assert view.viewport().rect().contains(view.visualRect(last))
    box.hidePopup()


def test_sizes_have_the_unit_of_the_language(spoken, make_window):
    spoken("fr")
    window = make_window()
    window.press("Ctrl+,")
    boxes = window.settings_panel.findChildren(QSpinBox)
    assert [box.suffix() for box in boxes if box.suffix()] == [" Mo", " Mo"]


def test_only_devices_of_this_system_are_offered(settings):
    box = settings.setting("Run the model on")
    assert isinstance(box, QComboBox)
    assert [box.itemData(at) for at in range(box.count())] == list(device_names())


def test_all_is_reset_at_once_and_that_can_be_undone(settings):
    settings.choose_setting("Theme", "Dark")
    settings.choose_setting("Go on after each label", False)
    settings.choose_setting("Disk space for thumbnails", 700)
    press_button(settings.settings_panel, "Reset all")
    assert settings.main.preferences.values == USUAL
    assert not kept(settings)
    settings.answer("Undo")
    assert kept(settings) == {"theme": "dark", "advance": False, "thumbnails_mb": 700}
    press_button(settings.settings_panel, "Reset all")


# ---- what each does


def test_a_theme_applies_at_once_and_is_the_one_of_the_next_window(settings, make_window):
    def ground() -> str:
        return settings.main.palette().color(QPalette.ColorRole.Window).name()

    settings.choose_setting("Theme", "Light")
    light = ground()
    settings.choose_setting("Theme", "Dark")
    assert ground() != light
    assert settings.menu_entry("Dark colours").isChecked()
    assert kept(settings) == {"theme": "dark"}
    other = make_window()
    assert other.menu_entry("Dark colours").isChecked()
    settings.reset_of("Theme").click()
    assert settings.menu_entry("System colours").isChecked()
    assert not kept(settings)


def test_a_switch_in_the_panel_and_its_command_are_one(settings):
    settings.choose_setting("Go on after each label", False)
    assert not settings.menu_entry("Go on after each label").isChecked()
    settings.menu("Go on after each label")
    assert settings.setting("Go on after each label").isChecked()


def test_changed_keys_are_counted_reset_and_seen_in_the_open_list_of_keys(settings):
    press_button(settings.settings_panel, "Change keys")
    dialog = settings.key_dialog
    dialog.select("skip")
    dialog.add_key("B")
    assert "1 action with other keys" in settings.said_in_settings()
    assert kept(settings) == {"keys": {"skip": ["X", "S", "B"]}}
    settings.reset_of("Keys").click()
    assert dialog.rows()["Skip"] == "X, S"
    assert not kept(settings)
    dialog.close()


def test_another_device_runs_the_model_at_once_and_no_picture_is_read_again(opened):
    opened.press("Ctrl+,")
    before = opened.model
    waiting = list[int]()
    images = opened.main.owner.project.images
    opened.main.owner.changed.connect(lambda _: waiting.append(images.waiting))
    opened.choose_setting("Run the model on", "CPU")
    assert "Loading the model…" in opened.said_in_settings()
    wait(lambda: opened.model is not before)
    wait(lambda: "Runs on CPU now" in opened.said_in_settings())
    assert opened.model.device.requested == "cpu"
    opened.wait_until_read()
    assert not any(waiting)


def test_a_device_that_is_not_there_leaves_the_model_where_it_was_and_says_why(settings):
    before = settings.model
    settings.choose_setting("Run the model on", "NVIDIA GPU (CUDA)")
    settings.wait_for_message("The model stays where it was.")
    assert settings.model is before
    assert "Runs on CPU now" in settings.said_in_settings()


def test_a_device_that_does_not_work_at_the_start_is_replaced_and_said(window, tiny_model):
    keep_preference("device", "cuda")
    window.discard()
    window.main = make_window_of_program(tiny_model, use_cache=False)
    window.show()
    window.wait_for_message("Not running where the settings say.")
    assert window.model.device.device == "cpu"


def test_fewer_processors_are_used_at_once_and_all_again_after_reset(settings):
    everything = available_cpus()
    settings.choose_setting("Processor cores to use", 1)
    assert available_cpus() == 1
    settings.reset_of("Processor cores to use").click()
    assert available_cpus() == everything


# ---- another language


@pytest.fixture
def english_again(qapp):
    yield
    speak(qapp, "en")


def in_another_language(settings) -> None:
    settings.press("Ctrl+,")
    settings.choose_setting("Language", "Deutsch")


@pytest.mark.usefixtures("english_again")
def test_another_language_makes_the_window_anew_with_the_same_project(opened):
    opened.menu("Auto-label all")
    before, step = opened.chips(), opened.main.owner.project.history.last_number
    in_another_language(opened)
    wait(lambda: opened.main.is_renewed)
    old = opened.main
    opened.main, paths = renewed(old)
    assert old.isVisible()
    opened.show()
    wait(lambda: not Shiboken.isValid(old))
    assert opened.main.isVisible()
    opened.main.opener.open(paths)
    opened.wait_for_pictures(6)
    opened.wait_until_read()
    assert opened.chips() == before
    assert opened.main.owner.project.history.last_number == step
    assert opened.main.preferences.values.language == "de"
    opened.menu("Rückgängig")
    assert opened.chips() != before


@pytest.mark.usefixtures("english_again")
def test_a_window_without_a_project_is_made_anew_without_one(window):
    window.main.activateWindow()
    in_another_language(window)
    wait(lambda: window.main.is_renewed)
    old = window.main
    window.main, paths = renewed(old)
    assert not paths
    wait(lambda: not Shiboken.isValid(old))


def test_another_language_waits_for_work_that_would_be_lost(window):
    window.main.activateWindow()
    going_on = threading.Event()

    def job(_cancel):
        going_on.wait(10)
        yield None

    window.main.jobs.run("export", Task(job))
    in_another_language(window)
    assert "Applies once the current work ends" in window.said_in_settings()
    assert not window.main.renew()
    assert window.main.isVisible()
    going_on.set()
    wait(lambda: window.main.is_renewed)


def test_a_setting_that_the_environment_decides_says_so_and_cannot_be_changed(
    make_window, monkeypatch
):
    keep_preference("language", "de")
    monkeypatch.setenv("NAMEPLATE_LANGUAGE", "en")
    window = make_window()
    window.wait_until_loaded()
    window.main.activateWindow()
    window.press("Ctrl+,")
    assert window.focused == "Theme"
    language = window.setting("Language")
    assert not language.isEnabled()
    assert "Set by NAMEPLATE_LANGUAGE" in window.said_in_settings()
    assert language.accessibleDescription() == "Set by NAMEPLATE_LANGUAGE"
    assert not window.reset_of("Language").isVisible()


# ---- what is kept


def test_a_damaged_file_is_said_in_a_bar_and_the_window_is_as_usual(make_window):
    begin("theme = [")
    window = make_window()
    window.wait_for_message("The settings were damaged, so the defaults are used.")
    assert window.menu_entry("System colours").isChecked()
    assert preferences_path().with_name("settings.toml.damaged").exists()


def test_a_value_that_is_not_possible_is_said_in_a_bar(make_window):
    begin('theme = "pink"\nadvance = false\n')
    window = make_window()
    window.wait_for_message("“pink” isn't possible for theme.")
    assert not window.menu_entry("Go on after each label").isChecked()


def test_keys_that_two_actions_have_are_said_and_stay_in_the_file(make_window):
    begin('[keys]\nskip = ["Ctrl+L"]\nauto_label = ["Ctrl+L"]\n')
    window = make_window()
    window.wait_for_message("The usual keys are used.")
    window.menu("Go on after each label")
    assert kept(window)["keys"] == {"skip": ["Ctrl+L"], "auto_label": ["Ctrl+L"]}


def test_where_settings_cannot_be_kept_they_apply_and_a_bar_says_it(
    settings, monkeypatch, tmp_path
):
    (tmp_path / "in the way").write_text("a file")
    for name in ("XDG_CONFIG_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "in the way"))
    settings.choose_setting("Go on after each label", False)
    settings.wait_for_message("Settings can't be saved.")
    assert not settings.menu_entry("Go on after each label").isChecked()


def test_what_is_chosen_last_is_kept_when_the_window_is_closed_at_once(window, monkeypatch):
    keep, is_slow = keep_preference, threading.Event()

    def slowly(name, value):
        is_slow.wait(0.3)
        return keep(name, value)

    monkeypatch.setattr(preferences_in_use, "keep_preference", slowly)
    window.menu("Go on after each label")
    window.close()
    assert preferences().advance is False
