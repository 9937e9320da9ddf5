"""Invalid model folders: refused with the file's name, and nothing installed changes."""

import onnx
import pytest

from model_folders.foreign import BUILDERS
from nameplate.cli.main import run
from nameplate.storage.folders import models_folder
from tiny_model import build_tiny_model

IMAGE, TEXT = "onnx/vision_model.onnx", "onnx/text_model.onnx"


def no_tokenizer(folder):
    (folder / "tokenizer.json").unlink()


def edited(folder, edit):
    model = onnx.load(folder / IMAGE)
    edit(model)
    (folder / IMAGE).write_bytes(model.SerializeToString())


def weights_outside(folder):
    (folder.parent / "weights").write_bytes(b"0" * 4096)

    def edit(model):
        weight = model.graph.initializer[0]
        weight.external_data.add(key="location", value="../../weights")
        weight.data_location = onnx.TensorProto.EXTERNAL
        weight.ClearField("raw_data")

    edited(folder, edit)


DAMAGES = [
    (no_tokenizer, "no tokenizer"),
    (weights_outside, "vision_model.onnx: its weights are in “onnx/../../weights”"),
]


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("damage", "reason"), DAMAGES, ids=[d.__name__ for d, _ in DAMAGES])
def test_a_folder_that_is_no_model_is_refused_and_what_is_installed_stays(
    damage, reason, tmp_path, tiny_model, capfd
):
    assert run(["models", "add", str(tiny_model)]) == 0
    before = contents(models_folder())
    folder = BUILDERS["transformers"](tmp_path / "hf")
    damage(folder)
    capfd.readouterr()

    assert run(["models", "add", str(folder)]) == 3

    message = capfd.readouterr().err
    assert reason in message
    assert message.startswith("nameplate: ")
    assert message.count("\n") == 1
    assert contents(models_folder()) == before


CUT_VOCABULARIES = [
    ("rclip", "tokenizer/bpe_simple_vocab_16e6.txt.gz", 0, "it holds no merges"),
    ("rclip", "tokenizer/bpe_simple_vocab_16e6.txt.gz", 0.5, "can't be read (EOFError)"),
    ("vocab-and-merges", "merges.txt", 0, "it holds no merges"),
    ("vocab-and-merges", "merges.txt", 0.5, "damaged, or not a tokenizer"),
    ("vocab-and-merges", "vocab.json", 0.5, "damaged, or not a tokenizer"),
    ("chinese-clip", "vocab.txt", 0, "damaged, or not a tokenizer"),
    ("chinese-clip", "vocab.txt", 0.5, "the tokenizer has far fewer tokens than the text encoder"),
    ("chinese-clip-combined", "vocab.txt", 0.5, "far fewer tokens than the text encoder"),
    ("immich", "textual/tokenizer.json", 0.5, "damaged, or not a tokenizer"),
]


@pytest.mark.parametrize(("layout", "name", "share", "reason"), CUT_VOCABULARIES)
def test_a_vocabulary_that_was_cut_is_refused(layout, name, share, reason, tmp_path, capfd):
    folder = BUILDERS[layout](tmp_path / layout)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(share * len(content))])

    assert run(["models", "add", str(folder)]) == 3

    assert reason in capfd.readouterr().err
    assert not models_folder().exists()


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx", "tokenizer.json"])
def test_a_manifest_that_lies_about_a_hash_is_refused(name, tmp_path, capfd):
    folder = build_tiny_model(tmp_path / "liar")
    manifest = (folder / "model.toml").read_text()
    start = manifest.index('sha256 = "', manifest.index(f'name = "{name}"')) + len('sha256 = "')
    lie = manifest[:start] + "0" * 64 + manifest[start + 64 :]
    (folder / "model.toml").write_text(lie)

    assert run(["models", "add", str(folder)]) == 3

    message = capfd.readouterr().err
    assert f"{name}: damaged or changed" in message
    assert not models_folder().exists()
