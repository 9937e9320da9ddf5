"""A classifier's folder may come from anybody: each thing that is wrong with it is said."""

import hashlib
import io
import os
import pickle
import re
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from features.classifier.taught import rows_of
from model_folders.hostile import endless_loop
from nameplate.model_hub import trial


@pytest.fixture
def label(nameplate, saved, greys, tmp_path):
    """Label with the classifier in the folder, and return the exit code and what was said."""

    def call():
        code, _, err = nameplate(
            "label", greys, "--classifier", saved, "--csv", tmp_path / "l.csv", "--no-cache"
        )
        return code, err

    return call


def change(folder, pattern, text, *, count=1):
    """Change the manifest; what is looked for is there."""
    manifest = folder / "classifier.toml"
    found, changed = re.subn(pattern, text.replace("\\", "\\\\"), manifest.read_text(), count=count)
    assert changed
    manifest.write_text(found)


def put(folder, name, content):
    """Replace a file, and list it as it is now."""
    (folder / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    pattern = rf'name = "{name}"\nbytes = \d+\nsha256 = "\w+"'
    change(folder, pattern, f'name = "{name}"\nbytes = {len(content)}\nsha256 = "{digest}"')


def put_weights(folder, weights):
    stream = io.BytesIO()
    np.save(stream, weights)
    put(folder, "weights.npy", stream.getvalue())


def weights_in(folder):
    return np.load(folder / "weights.npy")


@pytest.mark.parametrize("name", ["onnx/model.onnx", "weights.npy"])
def test_a_file_that_was_changed_is_refused(label, saved, name):
    content = bytearray((saved / name).read_bytes())
    content[-5] ^= 1
    (saved / name).write_bytes(content)
    code, err = label()
    assert code == 3
    assert name.rpartition("/")[2] in err
    assert "SHA-256" in err or "changed" in err


def test_one_of_a_newer_version_says_so(label, saved):
    change(saved, "format = 1", "format = 3")
    code, err = label()
    assert code == 3
    assert "it was saved by a newer Nameplate (1." in err


WRONG = {
    "a folder that is none": (lambda s: (s / "classifier.toml").unlink(), "it is no classifier"),
    "not TOML": (lambda s: (s / "classifier.toml").write_text("[["), "TOML"),
    "a file outside": (
        lambda s: change(s, 'name = "weights.npy"', 'name = "../weights.npy"'),
        "../weights.npy",
    ),
    "a graph elsewhere": (
        lambda s: change(s, 'file = "onnx/model.onnx"', 'file = "labels.txt"'),
        "onnx/model.onnx",
    ),
    "no number": (
        lambda s: put_weights(s, np.where(weights_in(s) > 0, np.nan, weights_in(s))),
        "it holds what can't be weights",
    ),
    "no unit length": (
        lambda s: put_weights(s, (9 * weights_in(s)).astype(np.float32)),
        "vectors of length 1",
    ),
    "another shape": (
        lambda s: put_weights(s, weights_in(s)[:-1]),
        "it doesn't hold the (6, 16) numbers that it should",
    ),
    "another kind of numbers": (
        lambda s: put_weights(s, weights_in(s).astype(np.float64)),
        "it doesn't hold the (6, 16) numbers that it should",
    ),
    "more numbers than its header says": (
        lambda s: put(s, "weights.npy", b"\0" * 4096 + weights_in(s).tobytes()),
        "it doesn't hold the (6, 16) numbers that it should",
    ),
    "fewer numbers than its header says": (
        lambda s: put(s, "weights.npy", (s / "weights.npy").read_bytes()[:-200]),
        "it doesn't hold the (6, 16) numbers that it should",
    ),
    "weights without end": (
        lambda s: change(s, r'npy"\nbytes = \d+', 'npy"\nbytes = 99999999999'),
        "larger than",
    ),
    "a fingerprint that is none": (
        lambda s: change(s, 'fingerprint = "', 'fingerprint = "../'),
        "must be 16 digits",
    ),
    "a threshold that is none": (
        lambda s: change(s, "minimum = 0.0", "minimum = nan"),
        "minimum",
    ),
    "a bias too few": (lambda s: change(s, r"bias = \[[^,]+, ", "bias = ["), "bias"),
    "a bias without end": (lambda s: change(s, r"bias = \[[^,]+, ", "bias = [1e300, "), "bias"),
    "an embedding of another length": (
        lambda s: change(s, "embedding_size = 16", "embedding_size = 32"),
        "it doesn't hold the (6, 32) numbers",
    ),
    "a model without name": (lambda s: change(s, 'id = "tiny"', 'id = "a/b"'), "id"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_refused_with_a_sentence(label, saved, what):
    spoil, said = WRONG[what]
    spoil(saved)
    code, err = label()
    assert code == 3, err
    assert said in err
    assert err.startswith("nameplate: ")


def test_names_that_are_none_are_refused_as_in_a_file_of_names(label, saved):
    change(saved, 'name = "black"', 'name = "red"')
    code, err = label()
    assert code == 2
    assert "red" in err


def test_more_names_than_there_can_be_are_refused_at_once(label, saved):
    more = "".join(f'[[concept]]\nname = "{n}"\n' for n in range(5001))
    change(saved, r"\[\[concept\]\]", f"{more}[[concept]]")
    code, err = label()
    assert code == 2
    assert "5,00" in err


def test_a_pickle_in_place_of_the_weights_is_never_run(label, saved, tmp_path):
    mark = tmp_path / "mark"

    class Attack:
        def __reduce__(self):
            return os.mkdir, (str(mark),)

    put(saved, "weights.npy", pickle.dumps(Attack()))
    code, err = label()
    assert code == 3
    assert "it doesn't hold" in err
    assert not mark.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="links take rights there")
def test_a_link_out_of_the_folder_is_not_followed(label, saved, tmp_path):
    outside = tmp_path / "outside.npy"
    (saved / "weights.npy").rename(outside)
    (saved / "weights.npy").symlink_to(outside)
    code, err = label()
    assert code == 3
    assert "weights.npy" in err


def test_a_graph_with_weights_outside_is_not_loaded(label, saved):
    graph = onnx.load(saved / "onnx" / "model.onnx")
    tensor = graph.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../../etc/passwd")
    put(saved, "onnx/model.onnx", graph.SerializeToString())
    code, err = label()
    assert code == 3
    assert "passwd" in err


def test_a_graph_of_another_kind_is_refused(label, saved):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "other",
        [value("x", TensorProto.FLOAT, [1, 2])],
        [value("y", TensorProto.FLOAT, [1, 2])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    put(saved, "onnx/model.onnx", model.SerializeToString())
    code, err = label()
    assert code == 3
    assert "pixels" in err


def test_a_graph_that_never_ends_is_ended(label, saved, tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "SECONDS", 2.0)
    endless = endless_loop(tmp_path / "endless")
    put(saved, "onnx/model.onnx", (endless / "image.onnx").read_bytes())
    code, err = label()
    assert code == 3, err
    assert "stopped after 2 s without a result" in err


def test_a_classifier_that_says_it_is_of_another_model_leaves_no_vectors_as_of_that(
    nameplate, saved, greys, tmp_path
):
    """Its graph runs under a fingerprint of its own: the vectors of others stay as they are."""
    table = tmp_path / "l.csv"
    assert nameplate("label", greys, "--classifier", saved, "--csv", table)[0] == 0
    manifest = (saved / "classifier.toml").read_text()
    (claimed,) = re.findall(r'fingerprint = "(\w+)"', manifest)
    (model,) = {row["model"] for row in rows_of(table)}
    assert model.startswith("tiny@")
    assert model.removeprefix("tiny@") not in claimed
