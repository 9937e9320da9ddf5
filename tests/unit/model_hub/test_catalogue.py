"""The list of models that can be downloaded: what it takes, and what it refuses by name."""

import pytest

from hub_server import HubServer, catalogue_entry
from nameplate.domain.text import escaped
from nameplate.model_hub import catalogue as subject
from nameplate.model_hub.catalogue import read_catalogue
from nameplate.storage.resources import catalogue_file

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def read(tmp_path):
    """A function that reads a catalogue of the entries that it is given."""
    hub = HubServer()
    (tmp_path / "files").mkdir()
    (tmp_path / "files/image.onnx").write_bytes(b"image")
    hub.add("someone/tiny", tmp_path / "files")

    def call(*changes):
        entries = [
            catalogue_entry(hub, "someone/tiny", f"m{n}", **change)
            for n, change in enumerate(changes)
        ]
        (tmp_path / "c.toml").write_text("\n".join(entries), encoding="utf-8")
        return read_catalogue(tmp_path / "c.toml")

    yield call
    hub._server.server_close()


def test_an_entry_becomes_a_model_with_its_files(read):
    found = read({"revision": f'"{COMMIT}"', "pinned": None})
    (model,) = found.models
    assert found.problems == ()
    assert (model.id, model.repository, model.revision) == ("m0", "someone/tiny", COMMIT)
    assert [(f.name, f.path, f.bytes, f.is_exact) for f in model.files] == [
        ("image.onnx", "image.onnx", 5, True)
    ]
    assert (model.bytes, model.is_exact, model.needs_acceptance) == (5, True, False)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"licence": None}, "licence"),
        ({"licence": '" "'}, "licence"),
        ({"id": '"../m1"'}, "id"),
        ({"id": '"m0"'}, "stands-twice"),
        ({"repository": '"https://elsewhere.example/x"'}, "repository"),
        ({"repository": '"../secret"'}, "repository"),
        ({"pinned": None}, "is-branch"),
        ({"revision": '"../../x"'}, "revision"),
        ({"licence_url": '"file:///etc/passwd"'}, "licence_url"),
        ({"licence_url": '"javascript:alert(1)"'}, "licence_url"),
        ({"licence_url": '"https://known.example/\u00a0other"'}, "licence_url"),
        ({"repository": '"sömeone/tiny"'}, "repository"),
        ({"accuracy": "101"}, "accuracy"),
        ({"accuracy_source": None}, "accuracy_source"),
        ({"embedding_size": "1000000000"}, "embedding_size"),
        ({"accept_licence": '"no"'}, "accept_licence"),
    ],
)
def test_an_entry_that_is_wrong_is_left_out_and_named_and_the_others_stay(read, change, named):
    found = read({}, change, {})
    assert [model.id for model in found.models] == ["m0", "m2"]
    (problem,) = found.problems
    assert named in str(problem)


@pytest.mark.parametrize(
    "line",
    [
        'name = "../../outside.onnx"',
        'name = "/etc/passwd"',
        'name = "a/../../outside"',
        'name = "C:\\\\Windows\\\\x"',
        'name = "onnx\\\\..\\\\..\\\\x"',
        'name = ".hidden"',
        'name = "onnx/.hidden"',
        'name = "good.onnx"\npath = "../../other/repository/file"',
        'name = "IMAGE.onnx"',
        'name = "good.onnx"\nsha256 = "abc"',
    ],
)
def test_a_file_that_would_leave_the_folder_or_cover_another_is_refused(tmp_path, read, line):
    read({}, {})
    text = (tmp_path / "c.toml").read_text(encoding="utf-8")
    text += f"[[models.files]]\n{line}\nbytes = 3\n"  # of the last model
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    found = read_catalogue(tmp_path / "c.toml")
    assert [model.id for model in found.models] == ["m0"]
    assert found.problems[0].parameters["entry"] == "m1"


@pytest.mark.parametrize(
    "content",
    [
        b"not toml",
        b"models = 3",
        b"",
        b"\xff\xfe\x00",
        b"x = " + b"[" * 5000,
        b'[[models]]\nid = "a"\n' * 1001,
    ],
)
def test_a_catalogue_that_cannot_be_read_is_a_problem_and_never_an_error(tmp_path, content):
    (tmp_path / "c.toml").write_bytes(content)
    found = read_catalogue(tmp_path / "c.toml")
    assert found.models == ()
    assert found.problems


def test_a_catalogue_of_too_many_files_is_refused(tmp_path, read):
    read({})
    more = "".join(
        f'[[models.files]]\nname = "f{n}"\nbytes = 1\n' for n in range(subject.MOST_FILES)
    )
    with (tmp_path / "c.toml").open("a", encoding="utf-8") as stream:
        stream.write(more)
    assert read_catalogue(tmp_path / "c.toml").models == ()


def test_the_programs_own_catalogue_is_right_in_every_entry():
    found = read_catalogue(catalogue_file())
    assert found.problems == ()
    assert len(found.models) >= 10
    for model in found.models:
        assert escaped(model.title + model.summary + model.licence)
        names = [file.name for file in model.files]
        graphs = [name for name in names if name.endswith(".onnx")]
        assert len(graphs) == (1 if graphs[0].startswith("onnx/model") else 2)
        assert any("tokenizer" in name for name in names)
        # Nobody publishes those of smaller files, or of a model for one subject.
        assert model.accuracy or model.id.endswith("-int8") or model.id == "fashion-siglip"
        assert model.is_exact or model.bytes > 80_000_000
    assert [model.recommended for model in found.models if model.recommended]


def test_weights_for_research_alone_are_never_offered_without_acceptance():
    for model in read_catalogue(catalogue_file()).models:
        words = f"{model.id} {model.repository} {model.licence}".lower()
        is_research = "mobileclip" in words or "research" in words
        assert model.needs_acceptance == is_research, model.id
