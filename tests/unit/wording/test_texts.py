from pathlib import Path

import pytest

from nameplate.domain.errors import ImageError, OutputError
from nameplate.domain.feature import Feature
from nameplate.domain.messages import Message
from nameplate.storage import resources
from nameplate.system.features import features
from nameplate.wording import texts
from nameplate.wording.texts import catalogue, error_text, remedy_of, text_of, what_of


@pytest.fixture
def of(monkeypatch):
    """Return a text with parameters, of a catalogue with that text alone."""

    def worded(what, parameters, remedy=""):
        what = (what,) if isinstance(what, str) else what
        known = {**catalogue(), "code": texts.Text(what, remedy)}
        monkeypatch.setattr(texts, "catalogue", lambda: known)
        return text_of(Message("code", parameters))

    return worded


def test_an_error_says_where_what_and_what_to_do():
    error = OutputError("full-disk", where="a.csv")
    assert error_text(error) == "a.csv: cannot be written: the disk is full. Free some space."


def test_an_error_without_a_remedy_ends_without_a_full_stop():
    assert error_text(ImageError("is-folder", where="a.jpg")) == "a.jpg: is a folder"


def test_an_error_of_a_line_names_file_and_line():
    line = Message("line", {"file": "names.txt", "line": 3})
    assert error_text(OutputError("is-folder", where=line)) == "names.txt, line 3: is a folder"


def test_an_error_that_is_none_of_ours_keeps_its_words():
    assert error_text(OSError("broken")) == "broken"


def test_a_reason_inside_a_message_is_put_into_words():
    inner = Message("no-permission-to-open")
    message = Message("unreadable-picture", {"reason": inner})
    assert what_of(message) == "cannot be opened: no permission"
    assert remedy_of(message) == "Check the file and its disk."


def test_several_take_the_plural_and_one_does_not():
    assert what_of(Message("add-names", {"count": 1, "name": "cat"})) == "add “cat”"
    assert what_of(Message("add-names", {"count": 3, "name": "cat"})) == "add 3 names"
    assert what_of(Message("add-images", {"count": 0})) == "add 0 pictures"


def test_numbers_are_written_as_people_write_them(of):
    assert of("{n:,}", {"n": 1234567}) == "1,234,567"
    assert of("{n:bytes}", {"n": 2_400_000}) == "2.4 MB"
    assert of("{n:duration}", {"n": 600.0}) == "10 min"
    assert of("{n:million}", {"n": 400_000_000}) == "400 million"
    assert of("{n:.1fGB}", {"n": 1_250_000_000}) == "1.2 GB"


def test_several_names_stand_with_commas_or_what_the_text_says(of):
    names = {"names": ("a", "b", "c")}
    assert of("{names}", names) == "a, b, c"
    assert of("{names:; }", names) == "a; b; c"
    assert of("{names:, | or }", names) == "a, b or c"
    assert of("{names:, | or }", {"names": ("a",)}) == "a"
    assert of("{names}", {"names": ()}) == ""


def test_a_text_can_say_what_can_be_done_about_its_reason(of):
    reason = {"reason": Message("full-disk")}
    assert of("{reason:remedy}", reason) == "Free some space."
    assert of("{reason:whole}", reason) == "cannot be written: the disk is full. Free some space."


def test_a_long_name_is_cut_where_it_can_be_seen_that_it_is():
    assert what_of(Message("label", {"name": "x" * 30})) == f"label “{'x' * 30}”"
    assert what_of(Message("label", {"name": "x" * 31})) == f"label “{'x' * 29}…”"


def test_braces_in_a_parameter_are_letters(of):
    assert of("“{name}”", {"name": "{0} {name}"}) == "“{0} {name}”"


def test_what_is_missing_or_does_not_fit_is_no_error(of):
    assert of("{n:,} of {m:bytes}", {"n": "many"}) == "many of …"


def test_a_code_without_a_text_gets_a_general_one():
    message = Message("from-tomorrow", {"n": 1})
    assert text_of(message) == "something that this version has no words for (from-tomorrow)"


def test_without_the_catalogue_code_and_parameters_are_shown(monkeypatch):
    def nowhere(*_parts: str) -> Path:
        raise resources.InstallationError("installation-incomplete", where="here")

    monkeypatch.setattr(texts, "resource", nowhere)
    catalogue.cache_clear()
    try:
        error = resources.InstallationError("installation-incomplete", where="here")
        assert "installation-incomplete" in error_text(error)
        assert "here" in error_text(error)
    finally:
        catalogue.cache_clear()


@pytest.mark.parametrize(
    "content", [b"\xff", b'a = "text"', b"[t]\na = 3", b"[t]\na = {remedy = ''}"]
)
def test_damaged_texts_of_a_feature_leave_those_of_all_others(content, tmp_path, monkeypatch):
    (tmp_path / "odd_texts").mkdir()
    (tmp_path / "odd_texts" / "__init__.py").write_text("")
    (tmp_path / "odd_texts" / "texts.toml").write_bytes(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ValueError, match=r"no text|in no table|decode"):
        texts.texts_in(content)
    before = catalogue()
    strangers = [Feature("odd_texts"), Feature("json.decoder"), Feature("not_there")]
    monkeypatch.setattr(texts, "features", lambda: [*strangers, *features()])
    assert catalogue.__wrapped__() == before
