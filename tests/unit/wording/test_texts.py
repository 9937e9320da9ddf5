import sys
from pathlib import Path

import pytest

from nameplate.domain.errors import ImageError, OutputError
from nameplate.domain.messages import Message
from nameplate.plug_ins import failures
from nameplate.plug_ins.feature import Feature
from nameplate.plug_ins.registry import features
from nameplate.storage import resources
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


LINE = Message("line", {"file": "names.txt", "line": 3})


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            OutputError("full-disk", where="a.csv"),
            "a.csv: can't write: disk full. Free some space.",
        ),
        (
            ImageError("is-folder", where="a.jpg"),
            "a.jpg: expected a file, got a folder",
        ),  # without a remedy
        (OutputError("is-folder", where=LINE), "names.txt, line 3: expected a file, got a folder"),
        (OSError("broken"), "broken"),  # none of ours
    ],
)
def test_an_error_says_where_what_and_what_to_do(error, text):
    assert error_text(error) == text


def test_a_reason_inside_a_message_is_put_into_words():
    inner = Message("no-permission-to-open")
    message = Message("unreadable-picture", {"reason": inner})
    assert what_of(message) == "can't open: no permission"
    assert remedy_of(message) == "Check the file and its disk."


def test_several_take_the_plural_and_one_does_not():
    assert what_of(Message("add-names", {"count": 1, "name": "cat"})) == "add “cat”"
    assert what_of(Message("add-names", {"count": 3, "name": "cat"})) == "add 3 names"
    assert what_of(Message("add-images", {"count": 0})) == "add 0 pictures"


FULL = Message("full-disk")


@pytest.mark.parametrize(
    ("what", "values", "text"),
    [
        ("{v:,}", 1234567, "1,234,567"),
        ("{v:bytes}", 2_400_000, "2.4 MB"),
        ("{v:duration}", 600.0, "10 min"),
        ("{v:million}", 400_000_000, "400 million"),
        ("{v:bytes}", 1_250_000_000, "1.2 GB"),
        ("{v}", ("a", "b", "c"), "a, b, c"),
        ("{v:; }", ("a", "b", "c"), "a; b; c"),
        ("{v:, | or }", ("a", "b", "c"), "a, b or c"),
        ("{v:, | or }", ("a",), "a"),
        ("{v}", (), ""),
        ("{v:remedy}", FULL, "Free some space."),
        ("{v:whole}", FULL, "can't write: disk full. Free some space."),
        ("“{v}”", "{0} {v}", "“{0} {v}”"),  # braces in a parameter are letters
        ("{v:,} of {m:bytes}", "many", "many of …"),  # what is missing or does not fit
    ],
)
def test_parameters_are_written_as_people_write_them(of, what, values, text):
    assert of(what, {"v": values}) == text


def test_a_long_name_is_cut_where_it_can_be_seen_that_it_is():
    assert what_of(Message("label", {"name": "x" * 30})) == f"label “{'x' * 30}”"
    assert what_of(Message("label", {"name": "x" * 31})) == f"label “{'x' * 29}…”"


def test_a_code_without_a_text_gets_a_general_one():
    message = Message("from-tomorrow", {"n": 1})
    assert text_of(message) == "unknown problem (from-tomorrow)"


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
    monkeypatch.delitem(sys.modules, "odd_texts", raising=False)
    with pytest.raises(ValueError, match=r"no text|in no table|decode"):
        texts.texts_in(content)
    before = catalogue()
    strangers = [Feature("odd_texts"), Feature("json.decoder"), Feature("not_there")]
    monkeypatch.setattr(texts, "features", lambda: [*strangers, *features()])
    monkeypatch.setattr(failures, "FAILURES", told := {})
    assert catalogue.__wrapped__() == before
    assert [*told] == ["odd_texts", "not_there"]
