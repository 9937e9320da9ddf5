from dataclasses import replace

import pytest

from nameplate.domain.concepts import add
from nameplate.domain.errors import UsageError
from nameplate.domain.prompts import TemplateSet, checked, parse_template_set, prompts_of

TWO = TemplateSet("two", "Two", ("a photo of a {}.", "{}"))


def test_every_name_is_put_into_every_template():
    concept = add((), "cat | kitten")[0]
    assert prompts_of(concept, TWO) == (
        "a photo of a cat.",
        "cat",
        "a photo of a kitten.",
        "kitten",
    )


def test_an_underscore_is_a_space_in_the_prompt_but_stays_in_the_name():
    concept = add((), "sea_lion")[0]
    assert concept.name == "sea_lion"
    assert prompts_of(concept, TWO)[0] == "a photo of a sea lion."


def test_a_name_with_braces_is_put_in_as_it_stands():
    assert prompts_of(add((), "{}")[0], TWO) == ("a photo of a {}.", "{}")
    assert prompts_of(add((), "{0}")[0], TWO)[1] == "{0}"


def test_a_template_file_has_a_title_and_comments():
    parsed = parse_template_set("x", "# title: Mine\n# a remark\n\na {} here.\n", "x.txt")
    assert parsed == TemplateSet("x", "Mine", ("a {} here.",))


@pytest.mark.parametrize("template", ["no slot", "{} and {}", ""])
def test_a_template_needs_its_slot_exactly_once(template):
    with pytest.raises(UsageError, match="template-without-slot"):
        checked(template)


def test_a_bad_line_is_named_by_its_number():
    with pytest.raises(UsageError, match=r"line \(file=x\.txt, line=2\)"):
        parse_template_set("x", "a {}.\nno slot\n", "x.txt")


def test_own_sentences_take_the_place_of_the_template_set():
    concept = replace(add((), "sea_lion | seal")[0], prompts=("a wet {}.", "an animal on a rock"))
    assert prompts_of(concept, TWO) == ("a wet sea lion.", "an animal on a rock", "a wet seal.")
