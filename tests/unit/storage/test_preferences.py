"""Preferences in `settings.toml`: sparse, atomic, and as a person or a newer version left it."""

import os
import stat
import sys
import threading
import tomllib

import pytest

from nameplate.domain.errors import OutputError
from nameplate.storage import atomic
from nameplate.storage.preferences import (
    PREFERENCES,
    USUAL,
    Preferences,
    check_settings_file,
    keep_preference,
    preferences,
    preferences_path,
)
from nameplate.wording.texts import text_of


def write(text: str | bytes) -> None:
    path = preferences_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def written() -> str:
    return preferences_path().read_text(encoding="utf-8")


def said() -> list[str]:
    return [text_of(problem) for problem in check_settings_file()]


def test_without_a_file_all_is_as_usual_and_none_is_made():
    assert preferences() == USUAL
    assert not check_settings_file()
    assert not preferences_path().exists()


def test_only_what_differs_from_the_default_is_written_and_read_back():
    keep_preference("theme", "dark")
    keep_preference("advance", False)
    keep_preference("processors", 3)
    keep_preference("keys", {"skip": ("B", "Ctrl+B"), "accept": ()})
    keep_preference("processors", 0)
    assert tomllib.loads(written()) == {
        "theme": "dark",
        "advance": False,
        "keys": {"skip": ["B", "Ctrl+B"], "accept": []},
    }
    assert preferences() == Preferences(
        theme="dark", advance=False, keys={"skip": ("B", "Ctrl+B"), "accept": ()}
    )


def test_all_reset_leaves_nothing_in_the_file():
    values = Preferences(theme="light", device="cpu", vectors_mb=100, keys={"skip": ("B",)})
    for name, value in values.changed().items():
        keep_preference(name, value)
    assert preferences() == values
    for name in values.changed():
        keep_preference(name, USUAL[name])
    assert not tomllib.loads(written())


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_the_file_is_readable_by_its_person_alone():
    keep_preference("theme", "dark")
    assert stat.S_IMODE(preferences_path().stat().st_mode) == 0o600


def test_comments_unknown_keys_and_what_a_newer_version_wrote_stay():
    write(
        "# mine\n"
        'theme = "dark" # at night\n'
        "from_the_future = [1,\n  2]\n"
        "[keys]\n"
        '"other.action" = ["Ctrl+9"] # of a plug-in\n'
        "[future]\nx = 1\n"
    )
    assert preferences() == Preferences(theme="dark", keys={"other.action": ("Ctrl+9",)})
    assert not check_settings_file()
    keep_preference("theme", "light")
    keep_preference("keys", {"other.action": ("Ctrl+9",), "skip": ("B",)})
    keep_preference("device", "cpu")
    for line in (
        "# mine",
        'theme = "light" # at night',
        "from_the_future = [1,\n  2]",
        '"other.action" = ["Ctrl+9"] # of a plug-in',
        "[future]\nx = 1",
    ):
        assert line in written()
    assert preferences() == Preferences(
        theme="light", device="cpu", keys={"other.action": ("Ctrl+9",), "skip": ("B",)}
    )


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('theme = "blue"', "theme"),
        ("theme = 3", "theme"),
        ("advance = 1", "advance"),
        ('advance = "yes"', "advance"),
        ("processors = true", "processors"),
        ("processors = -1", "processors"),
        ("processors = 1.5", "processors"),
        ("vectors_mb = 0", "vectors_mb"),
        ("thumbnails_mb = 99999999999999999999", "thumbnails_mb"),
        ('language = "../../x"', "language"),
        ("keys = 1", "keys"),
        ("keys.skip = 1", "keys.skip"),
        ('keys.skip = ["B", 2]', "keys.skip"),
        (f"processors = 0x{'F' * 9999}", "processors"),
    ],
)
def test_a_value_that_is_not_possible_is_the_default_and_said_and_the_others_are_heeded(line, name):
    write(f'device = "cpu"\n{line}\n')
    assert preferences() == Preferences(device="cpu")
    (problem,) = said()
    assert f"isn't possible for {name}." in problem
    assert line in written()


@pytest.mark.parametrize(
    "content",
    ["[[", 'theme = "dark"\ntheme = "light"', b"\xff\xfe\x00", b"theme = 'x", "x=" + "[" * 9999,
     "#" * 300_000, f"{'a.' * 9999}b = 1"],
)  # fmt: skip
def test_a_damaged_file_is_kept_beside_and_said_once(content):
    write(content)
    before = preferences_path().read_bytes()
    assert preferences() == USUAL
    (problem,) = said()
    assert "were damaged" in problem
    beside = preferences_path().with_name("settings.toml.damaged")
    assert str(beside) in problem
    assert beside.read_bytes() == before
    assert not said()
    keep_preference("theme", "dark")
    assert preferences().theme == "dark"


def test_a_file_that_is_damaged_while_the_program_runs_is_kept_beside_too():
    keep_preference("theme", "dark")
    write("[[")
    assert keep_preference("device", "cpu") is not None
    assert preferences() == Preferences(device="cpu")
    assert preferences_path().with_name("settings.toml.damaged").read_text() == "[["


def test_a_second_damaged_file_leaves_the_first_one_there():
    for content in ("[[", "]]"):
        write(content)
        assert said()
    folder = preferences_path().parent
    kept = [(folder / f"settings.toml.{end}").read_text() for end in ("damaged", "damaged-2")]
    assert kept == ["[[", "]]"]


def test_a_write_that_fails_leaves_the_file_as_it_was(monkeypatch):
    keep_preference("theme", "dark")
    before = written()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OutputError, match="full-disk"):
        keep_preference("theme", "light")
    assert written() == before


def test_where_there_can_be_no_folder_nothing_is_kept_and_the_error_says_so(tmp_path, monkeypatch):
    in_the_way = tmp_path / "config"
    in_the_way.write_text("a file")
    for name in ("XDG_CONFIG_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(in_the_way))
    assert preferences() == USUAL
    with pytest.raises(OutputError):
        keep_preference("theme", "dark")


def test_a_link_of_a_person_who_keeps_settings_elsewhere_stays_one(tmp_path):
    if sys.platform == "win32":
        pytest.skip("links need rights there")
    elsewhere = tmp_path / "dotfiles.toml"
    elsewhere.write_text("# in version control\n")
    preferences_path().parent.mkdir(parents=True)
    preferences_path().symlink_to(elsewhere)
    keep_preference("theme", "dark")
    assert preferences_path().is_symlink()
    assert elsewhere.read_text() == '# in version control\ntheme = "dark"\n'


def test_changes_of_several_windows_at_once_are_all_kept():
    wanted = {"theme": "dark", "device": "cpu", "advance": False, "vectors_mb": 300}
    threads = [threading.Thread(target=keep_preference, args=one) for one in wanted.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tomllib.loads(written()) == wanted


def test_what_another_program_writes_is_heeded_from_then_on():
    assert preferences().theme == "system"
    write('theme = "dark"')
    assert preferences().theme == "dark"
    write('theme = "light"')
    assert preferences().theme == "light"
    preferences_path().unlink()
    assert preferences().theme == "system"


def test_each_default_is_possible_and_each_hint_is_short():
    for name, about in PREFERENCES.items():
        assert about.takes(USUAL[name], USUAL[name]), name
        assert len(about.tip.split()) <= 12, about.tip
        assert about.text
        assert about.group
