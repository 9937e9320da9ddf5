import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nameplate.domain.embeddings import Head
from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.inference.manifest import fingerprint, read_manifest, verify_files
from nameplate.storage.resources import starter_model
from nameplate.wording.texts import remedy_of, what_of
from tiny_model import build_tiny_model


@pytest.fixture
def folder(tmp_path):
    return build_tiny_model(tmp_path / "tiny")


def edit(folder, pattern, replacement):
    path = folder / "model.toml"
    text, count = re.subn(
        pattern, lambda _: replacement, path.read_text("utf-8"), count=1, flags=re.MULTILINE
    )
    assert count, f"nothing like {pattern} in it"
    path.write_text(text, encoding="utf-8")


def test_a_manifest_is_read_whole(folder):
    manifest = read_manifest(folder)

    assert manifest.id == "tiny"
    assert manifest.embedding_size == 16
    assert manifest.templates == "none"
    assert manifest.head == Head("softmax", 20.0, None)
    assert manifest.image.size == manifest.image.resized == 32
    assert manifest.image.std == (0.26862954, 0.26130258, 0.27577711)
    assert manifest.text.context_length == 16
    assert [file.name for file in manifest.files] == ["image.onnx", "text.onnx", "tokenizer.json"]


def test_templates_and_bias_and_resize_to_may_be_left_out_or_given(folder):
    edit(folder, "^templates = .*", "")
    edit(folder, "^size = 32", "size = 32\nresize_to = 40")
    edit(folder, "^scale = .*", "scale = 20\nbias = -3")

    manifest = read_manifest(folder)

    assert manifest.templates == "simple"
    assert manifest.image.resized == 40
    assert manifest.head == Head("softmax", 20.0, -3.0)


def test_what_is_no_folder_is_named(tmp_path):
    for folder in (tmp_path / "nowhere", tmp_path / ("x" * 5000), Path("a\0b")):
        with pytest.raises(ModelError, match="no-such-folder") as caught:
            read_manifest(folder)
        assert str(folder) in caught.value.where
        assert remedy_of(caught.value.reason)


def test_a_folder_without_a_manifest_is_no_model_folder(tmp_path):
    with pytest.raises(ModelError, match="no-model-folder") as caught:
        read_manifest(tmp_path)
    assert str(tmp_path) in caught.value.where
    for name in ("vision_model.onnx", "visual/model.onnx", "visual.onnx", "open_clip_config.json"):
        assert name in what_of(caught.value.reason)


def test_a_folder_around_a_model_says_which_one_to_choose(tmp_path):
    build_tiny_model(tmp_path / "many" / "tiny")
    (tmp_path / "many" / "other").mkdir()
    with pytest.raises(ModelError, match="no-model-folder") as caught:
        read_manifest(tmp_path / "many")
    choice = Message("folder-inside", {"name": "tiny"})
    assert caught.value.reason.parameters["choice"] == choice


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"id = ", "no-toml"),
        (b"\xff\xfe\x00", "no-toml"),
        (b"[image\n", "no-toml"),
        (b"a = 1\na = 2\n", "no-toml"),
        (b"a = " + b"[" * 3000, "no-toml"),  # these two would exhaust the reader
        (b"a = " + b"9" * 5000, "no-toml"),
        (b"# long\n" * 200_000, "large-description"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(folder, content, code):
    (folder / "model.toml").write_bytes(content)
    with pytest.raises(ModelError, match=code) as caught:
        read_manifest(folder)
    assert caught.value.where.endswith("model.toml")


@pytest.mark.parametrize(
    ("pattern", "replacement", "key"),
    [
        ("^id = .*", "", "id"),
        ("^id = .*", 'id = "a/b"', "id"),
        ("^id = .*", "id = 3", "id"),
        ("^title = .*", 'title = "  "', "title"),
        ("^licence = .*", "", "licence"),
        ("^embedding_size = .*", "embedding_size = 0", "embedding_size"),
        ("^embedding_size = .*", "embedding_size = true", "embedding_size"),
        ("^templates = .*", 'templates = "best"', "templates"),
        (r"^\[image\]", "[picture]", "image"),
        ("^size = .*", 'size = "32"', "image.size"),
        ("^size = .*", "size = 1000000", "image.size"),
        ("^resize = .*", 'resize = "longest"', "image.resize"),
        ("^crop = .*", "crop = 1", "image.crop"),
        ("^crop = .*", "crop = false", "image.crop"),
        ("^crop = .*", "crop = true\nresize_to = 20", "image.resize_to"),
        ("^interpolation = .*", 'interpolation = "nearest"', "image.interpolation"),
        ("^interpolation = .*", "interpolation = ['bicubic']", "image.interpolation"),
        ("^mean = .*", "mean = [0.5, 0.5]", "image.mean"),
        ("^mean = .*", "mean = [0.5, 0.5, nan]", "image.mean"),
        ("^mean = .*", "mean = [123.7, 116.3, 103.5]", "image.mean"),
        ("^std = .*", "std = [1, 1, 0]", "image.std"),
        ("^std = .*", 'std = "1"', "image.std"),
        ("^context_length = .*", "context_length = -1", "text.context_length"),
        ("^padding = .*", "", "text.padding"),
        ("^pad_id = .*", "pad_id = 1.5", "text.pad_id"),
        ("^cleaning = .*", 'cleaning = "some"', "text.cleaning"),
        ("^kind = .*", 'kind = "linear"', "head.kind"),
        ("^scale = .*", "scale = nan", "head.scale"),
        ("^scale = .*", "scale = inf", "head.scale"),
        ("^scale = .*", "scale = 0", "head.scale"),
        ("^scale = .*", "scale = 1" + "0" * 400, "head.scale"),
        ("^scale = .*", "scale = 20\nbias = true", "head.bias"),
        ("^bytes = .*", "bytes = -1", "files[1].bytes"),
        ("^sha256 = .*", 'sha256 = "abc"', "files[1].sha256"),
        (r'^name = "text.onnx"', 'name = "image.onnx"', "files"),
        (r'^name = "text.onnx"', 'name = "other.onnx"', "files"),
    ],
)
def test_a_wrong_key_is_named(folder, pattern, replacement, key):
    edit(folder, pattern, replacement)

    with pytest.raises(ModelError) as caught:
        read_manifest(folder)

    assert caught.value.reason.code == "wrong-key"
    assert caught.value.reason.parameters["key"] == key
    assert caught.value.where.endswith("model.toml")
    assert remedy_of(caught.value.reason)


def test_files_must_be_tables(folder):
    text = (folder / "model.toml").read_text("utf-8").split("[[files]]")[0]
    for files in ("", "files = []\n", "files = [1]\n", 'files = "image.onnx"\n'):
        (folder / "model.toml").write_text(files + text, encoding="utf-8")
        with pytest.raises(ModelError, match="wrong-key"):
            read_manifest(folder)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../text.onnx",
        "a/../../text.onnx",
        r"..\\text.onnx",
        r"C:\\text.onnx",
        "C:text.onnx",
        r"\u0000",
    ],
)
def test_a_file_name_that_leaves_the_folder_is_refused(folder, name):
    edit(folder, '^file = "text.onnx"', f'file = "{name}"')

    with pytest.raises(ModelError, match="must-be-plain-path"):
        read_manifest(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_not(folder, tmp_path):
    (folder / "text.onnx").rename(folder / "real.onnx")
    (folder / "text.onnx").symlink_to("real.onnx")
    verify_files(folder, read_manifest(folder))

    (folder / "text.onnx").unlink()
    (folder / "real.onnx").rename(tmp_path / "outside.onnx")
    (folder / "text.onnx").symlink_to(tmp_path / "outside.onnx")

    with pytest.raises(ModelError, match="names-link-outside"):
        read_manifest(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_to_itself_is_refused(folder):
    (folder / "text.onnx").unlink()
    (folder / "text.onnx").symlink_to("text.onnx")

    with pytest.raises(ModelError):
        verify_files(folder, read_manifest(folder))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (lambda _content: None, "model-file-missing"),
        (lambda content: content[: len(content) // 2], "other-bytes"),
        (lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:], "other-sha256"),
    ],
)
def test_a_file_that_is_not_as_listed_is_named(folder, changed, code):
    file = folder / "text.onnx"
    content = changed(file.read_bytes())
    file.unlink() if content is None else file.write_bytes(content)
    needs_hashes = code == "other-sha256"
    if needs_hashes:
        verify_files(folder, read_manifest(folder), hashes=False)
    with pytest.raises(ModelError, match=code) as caught:
        verify_files(folder, read_manifest(folder), hashes=needs_hashes)
    assert caught.value.where == str(file)


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions bind"
)
def test_a_file_without_permission_is_named(folder):
    (folder / "image.onnx").chmod(0)

    with pytest.raises(ModelError, match="cannot be read"):
        verify_files(folder, read_manifest(folder))


def test_a_fingerprint_is_16_hexadecimal_digits_and_stays(folder, tmp_path):
    mark = fingerprint(folder, read_manifest(folder))
    copy = build_tiny_model(tmp_path / "again")

    assert re.fullmatch("[0-9a-f]{16}", mark)
    assert fingerprint(copy, read_manifest(copy)) == mark


def test_a_fingerprint_changes_with_what_changes_a_vector_and_only_then(folder):
    manifest = read_manifest(folder)
    mark = fingerprint(folder, manifest)
    other_files = (replace(manifest.files[0], sha256="0" * 64), *manifest.files[1:])

    for changed in (
        replace(manifest, id="other"),
        replace(manifest, files=other_files),
        replace(manifest, image=replace(manifest.image, interpolation="bilinear")),
        replace(manifest, image=replace(manifest.image, crop_rounding="down")),
        replace(manifest, text=replace(manifest.text, cleaning="clip")),
    ):
        assert fingerprint(folder, changed) != mark
    for same in (
        replace(manifest, title="Another title"),
        replace(manifest, head=Head("sigmoid", 5.0)),
        replace(manifest, image=replace(manifest.image, resize_to=32)),
    ):
        assert fingerprint(folder, same) == mark


def test_a_fingerprint_changes_with_the_preprocess_version(folder, monkeypatch):
    manifest = read_manifest(folder)
    mark = fingerprint(folder, manifest)

    monkeypatch.setattr("nameplate.inference.manifest.PREPROCESS_VERSION", 2)

    assert fingerprint(folder, manifest) != mark


def test_the_starter_keeps_the_fingerprint_under_which_vectors_lie_in_caches():
    folder = starter_model()
    assert fingerprint(folder, read_manifest(folder)) == "c6029c9307025759"


def test_a_fingerprint_is_not_given_to_a_broken_folder(folder):
    manifest = read_manifest(folder)
    (folder / "text.onnx").write_bytes(b"")

    with pytest.raises(ModelError, match="other-bytes"):
        fingerprint(folder, manifest)


def test_a_manifest_may_begin_with_a_byte_order_mark(folder):
    text = (folder / "model.toml").read_text("utf-8")
    (folder / "model.toml").write_text(text, encoding="utf-8-sig")

    assert read_manifest(folder).id == "tiny"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_pipe_in_place_of_a_file_is_refused_and_not_waited_for(folder):
    for name in ("image.onnx", "model.toml"):
        text = re.sub(r"bytes = \d+", "bytes = 0", (folder / "model.toml").read_text("utf-8"))
        (folder / "model.toml").write_text(text, encoding="utf-8")
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(ModelError, match="no-model-file") as caught:
            verify_files(folder, read_manifest(folder))
        assert caught.value.where == str(folder / name)


def test_a_folder_in_place_of_a_file_is_called_one(folder):
    for name in ("image.onnx", "model.toml"):
        (folder / name).unlink()
        (folder / name).mkdir()
        with pytest.raises(ModelError, match="model-file-is-folder"):
            verify_files(folder, read_manifest(folder))


def test_a_file_is_no_model_folder(folder):
    with pytest.raises(ModelError, match="file-not-folder"):
        read_manifest(folder / "model.toml")


def test_a_file_that_is_not_listed_is_refused_unless_it_is_only_text(folder):
    (folder / "README.md").write_text("about")
    read_manifest(folder)
    (folder / "image.onnx.data").write_bytes(b"weights")
    with pytest.raises(ModelError, match="does-not-list"):
        read_manifest(folder)
