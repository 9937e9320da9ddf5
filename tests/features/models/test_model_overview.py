"""What is known and said of models."""

import doctest

import pytest

from features.models.driver import some_model
from nameplate.domain.messages import Message
from nameplate.features.models import overview as model_overview
from nameplate.features.models import rows as model_format
from nameplate.features.models.change_cost import ChangeCost
from nameplate.features.models.overview import ModelInfo, overview
from nameplate.features.models.rows import describe_change
from nameplate.features.models.store import add_model
from nameplate.model_hub.catalogue import Catalogue
from nameplate.storage.speeds import record_speed
from tiny_model import build_tiny_model


@pytest.fixture
def catalogue(monkeypatch):
    """A function that sets what the catalogues hold."""

    def hold(*models):
        monkeypatch.setattr(
            model_overview,
            "read_catalogues",
            lambda: Catalogue(models, (Message("no-model-folder"),)),
        )

    hold()
    return hold


def test_models_on_this_machine_come_first_and_no_model_comes_twice(catalogue, tmp_path):
    folder, _ = add_model(build_tiny_model(tmp_path / "tiny"))
    catalogue(some_model("far"), some_model("tiny"))
    found = overview()
    assert [model.model_id for model in found.models] == ["starter", "tiny", "far"]
    assert [model.is_here for model in found.models] == [True, True, False]
    assert found.models[1].folder == folder
    assert found.problems == (Message("no-model-folder"),)


def test_an_installed_model_has_what_the_catalogue_knows_and_it_does_not(catalogue, tmp_path):
    add_model(build_tiny_model(tmp_path / "tiny"))
    catalogue(some_model("tiny"))
    record_speed("tiny", "cpu", images=640, seconds=10)
    tiny = overview().models[1]
    assert tiny.title == "Tiny colours"
    assert (tiny.accuracy, tiny.licence) == (60.0, "MIT: any use")
    assert tiny.speeds == {"cpu": 64.0}
    assert tiny.bytes > 1000
    assert tiny.is_removable


def test_the_examples_in_the_words_are_true():
    assert doctest.testmod(model_format).failed == 0


@pytest.mark.parametrize(
    ("cost", "message"),
    [
        (ChangeCost("B", 1, 1, 2.0), " 1 picture is read again, about 1 s."),
        (ChangeCost("B", 2, 5, 2.0), " 2 pictures are read again, about 1 s."),
        (ChangeCost("B", 9, 9, None), " 9 pictures are read again."),
        (ChangeCost("B", 90_000, 90_000, 5.0), " 90,000 pictures are read again, about 5.0 h."),
        (ChangeCost("B", 0, 9, 5.0), ""),
    ],
)
def test_what_a_change_brings_is_said_in_whole_sentences(cost, message):
    assert describe_change(cost) == f"Suggestions will change; your labels stay.{message}"


def test_a_change_without_pictures_changes_nothing():
    assert not describe_change(ChangeCost("B", 0, 0, None))


def test_of_a_model_that_can_be_got_it_is_said_who_says_that_its_files_are_right():
    info = ModelInfo("a", "A", trust=Message("trust-server", {"open": 4, "files": 6}))
    assert ("Checked", "the server vouches for 4 of 6 files") in model_format.facts(info)
    assert "Checked" not in dict(model_format.facts(ModelInfo("a", "A")))
