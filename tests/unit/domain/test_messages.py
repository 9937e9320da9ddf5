import json

import pytest

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message, as_json, of_json

NESTED = Message(
    "device-failed",
    {"device": "cuda", "reason": Message("tensor", {"rank": 2}), "names": ("a", "b"), "n": 0.5},
)


def test_a_message_survives_the_way_through_json():
    assert of_json(json.loads(json.dumps(as_json(NESTED)))) == NESTED


def test_equal_messages_count_as_one():
    again = of_json(as_json(NESTED))
    assert len({NESTED, again, Message("tensor")}) == 2


def test_a_message_says_its_code_and_parameters_in_a_log():
    text = "device-failed (device=cuda, reason=tensor (rank=2), names=('a', 'b'), n=0.5)"
    assert str(NESTED) == text
    assert str(Message("is-folder")) == "is-folder"


def test_an_error_says_file_and_code_in_a_traceback():
    error = ImageError("too-many-passes", where="a.jpg", passes=600, most=500)
    assert str(error) == "a.jpg: too-many-passes (passes=600, most=500)"


@pytest.mark.parametrize(
    "values",
    [
        None,
        "is-folder",
        {"code": "is-folder"},
        {"code": "Is Folder", "parameters": {}},
        {"code": "a" * 61, "parameters": {}},
        {"code": "a\n", "parameters": {}},
        {"code": "a", "parameters": []},
        {"code": "a", "parameters": {"n": None}},
        {"code": "a", "parameters": {"n": float("nan")}},
        {"code": "a", "parameters": {"n": {"text": "no code"}}},
        {"code": "a", "parameters": {str(n): n for n in range(101)}},
        {"code": "a", "parameters": {"n": list(range(101))}},
    ],
)
def test_values_of_another_form_are_no_message(values):
    with pytest.raises(ValueError, match=r"no message|no code|too many"):
        of_json(values)


def test_a_text_that_is_too_long_is_cut():
    values = {"code": "a", "parameters": {"text": "x" * 10_000}}
    assert len(of_json(values).parameters["text"]) == 2000


def test_reasons_without_end_are_no_message():
    values = {"code": "a", "parameters": {}}
    for _ in range(100):
        values = {"code": "a", "parameters": {"reason": values}}
    with pytest.raises(ValueError, match="no message"):
        of_json(values)
