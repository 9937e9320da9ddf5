import doctest

import pytest

from nameplate.domain.messages import Message
from nameplate.features.models import sentences as model_format
from nameplate.features.models.change_cost import ChangeCost
from nameplate.features.models.overview import ModelInfo
from nameplate.features.models.sentences import describe_cost


def test_the_examples_in_the_words_are_true():
    assert doctest.testmod(model_format).failed == 0


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        (ChangeCost("B", 1, 1, 2.0), "The picture has to be read again with B: about 1 s at the 2"),
        (ChangeCost("B", 2, 5, 2.0), "2 pictures have to be read again with B: about 1 s"),
        (ChangeCost("B", 2, 5, 2.0), "; the other 3 are remembered. Labels stay."),
        (ChangeCost("B", 9, 9, None), "How long that takes is not known yet"),
        (ChangeCost("B", 90_000, 90_000, 5.0), "about 5.0 h at the 5/s measured here"),
    ],
)
def test_what_a_change_costs_is_said_in_whole_sentences(cost, message):
    assert message in describe_cost(cost)


def test_of_a_model_that_can_be_got_it_is_said_who_says_that_its_files_are_right():
    info = ModelInfo("a", "A", trust=Message("trust-server", {"open": 4, "files": 6}))
    assert ("Checked", "The server vouches for 4 of 6 files") in model_format.facts(info)
    assert "Checked" not in dict(model_format.facts(ModelInfo("a", "A")))
