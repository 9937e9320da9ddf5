"""What a folder of shards says that it was labelled by may come from a stranger."""

import json
import os

import pytest

from nameplate.domain.errors import UsageError
from nameplate.features.runs.labeller import RULES_NAME, read_rules

SETTINGS = {"template_set": None, "minimum": 0.5, "is_multi": False, "learns": False}


def concept(name="cat", **others):
    plain = {"key": 1, "name": name, "synonyms": [], "is_reject": False, "colour": "#00aa11"}
    return {**plain, "prompts": [], "threshold": None, "parent": None, **others}


def read(folder, *concepts, **settings):
    values = {"settings": {**SETTINGS, **settings}, "concepts": list(concepts)}
    text = json.dumps({"format": "nameplate-rules", "version": 1, **values})
    (folder / RULES_NAME).write_text(text, encoding="utf-8")
    return read_rules(folder)


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "../../etc/passwd", "<b>bold</b>", "猫", "x" * 200, "a / b"]
)
def test_a_name_that_a_person_can_type_is_taken_as_it_is(tmp_path, name):
    concepts, _ = read(tmp_path, concept(name))
    assert concepts[0].name == name


@pytest.mark.parametrize(
    "concepts",
    [
        [concept("x" * 201)],
        [concept("")],
        [concept("two\nlines")],
        [concept("bell\a")],
        [concept(synonyms=["x" * 10_000])],
        [concept(), concept("CAT", key=2)],
        [concept(), concept("dog")],
        [concept(colour="red; background: url(https://example.org)")],
        [concept(threshold=float("nan"))],
        [concept(threshold=2)],
        [concept(prompts=["x" * 401])],
        [concept(key=2**70)],
        ["cat"],
        [concept(synonyms=[str(number) for number in range(100_000)])],
    ],
)
def test_what_nobody_could_have_typed_is_refused(tmp_path, concepts):
    with pytest.raises(UsageError, match="rules-damaged"):
        read(tmp_path, *concepts)


@pytest.mark.parametrize(
    "templates", [["no slot"], ["{} and {}"], ["{}" + "x" * 400], ["{}"] * 1001, ["{}\n"]]
)
def test_odd_sentences_are_refused(tmp_path, templates):
    with pytest.raises(UsageError, match="rules-damaged"):
        read(tmp_path, concept(), template_set={"id": "a", "title": "A", "templates": templates})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files on this system")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / RULES_NAME)
    with pytest.raises(UsageError, match="rules-damaged"):
        read_rules(tmp_path)
