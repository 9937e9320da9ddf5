import pytest

from nameplate.domain.errors import ModelError
from nameplate.pipeline.models.loading import load
from nameplate.storage.folders import models_folder
from nameplate.wording.texts import what_of
from tiny_model import build_tiny_model


def test_a_model_is_loaded_by_folder_or_by_id(tiny_model):
    build_tiny_model(models_folder() / "other", model_id="other")
    assert load(tiny_model, "cpu").model.manifest.id == "tiny"
    assert load("other", "cpu").model.manifest.id == "other"
    assert load("other", "cpu").remark is None


def test_where_the_model_used_last_is_gone_the_starter_is_loaded_and_says_so():
    loaded = load("other", "cpu", or_starter=True)
    assert loaded.model.manifest.id == "starter"
    assert "“other”" in what_of(loaded.remark)
    with pytest.raises(ModelError):
        load("other", "cpu")


def test_where_the_model_used_last_is_damaged_the_starter_is_loaded_and_says_why():
    folder = build_tiny_model(models_folder() / "other", model_id="other")
    (folder / "text.onnx").write_bytes(b"")
    loaded = load("other", "cpu", or_starter=True)
    assert loaded.model.manifest.id == "starter"
    assert "text.onnx" in what_of(loaded.remark)


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx", "tokenizer.json"])
def test_a_part_that_is_damaged_is_found_before_the_model_is_said_to_be_ready(tmp_path, name):
    folder = build_tiny_model(tmp_path / "other", model_id="other")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 255
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match="other-sha256") as caught:
        load(folder, "cpu")
    assert caught.value.where.endswith(name)
    assert name in what_of(load(folder, "cpu", or_starter=True).remark)
