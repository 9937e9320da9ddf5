"""The files of a folder of shards: what was written is read, and nothing else is believed."""

import json
import os
import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bombs import make_deadly
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.shards import (
    MANIFEST_NAME,
    Manifest,
    Shard,
    embeddings_file,
    files_in,
    read_manifest,
    read_shard,
    shards_there,
    states_of,
    write_manifest,
    write_shard,
)

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

MANIFEST = Manifest(
    root="/photos",
    list_digest="0" * 64,
    model="tiny",
    fingerprint="1",
    dimension=4,
    reading="1",
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def is_refused(read, *arguments):
    try:
        read(*arguments)
    except UsageError:
        return True
    return False


@given(st.data())
def test_a_manifest_of_any_values_is_read_or_refused(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("folder")
    write_manifest(folder, MANIFEST)
    values = json.loads((folder / MANIFEST_NAME).read_bytes())
    for name in data.draw(st.lists(st.sampled_from(sorted(values)), max_size=2)):
        values[name] = data.draw(json_values | st.integers(-1, 10**11))
    (folder / MANIFEST_NAME).write_text(json.dumps(values))
    if not is_refused(read_manifest, folder):
        found = read_manifest(folder)
        assert found.most_rows >= 1
        assert all(isinstance(one, str) for one in (found.root, found.model))


@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_manifest_is_refused(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("folder")
    (folder / MANIFEST_NAME).write_bytes(content)
    assert is_refused(read_manifest, folder)


def test_lists_in_lists_are_refused(tmp_path):
    deep = "[" * 5000 + "]" * 5000
    text = json.dumps({"format": "nameplate-shards", "version": 1, **asdict(MANIFEST)})
    (tmp_path / MANIFEST_NAME).write_text(text.replace('"/photos"', deep))
    assert is_refused(read_manifest, tmp_path)


@st.composite
def shards(draw):
    texts = st.text(max_size=8)
    numbers = st.floats(-1, 1, width=16) | st.just(float("nan"))
    vectors = draw(st.lists(st.lists(numbers, min_size=4, max_size=4), min_size=2, max_size=2))
    return Shard(
        draw(st.lists(texts, min_size=2, max_size=2)),
        draw(st.lists(texts | st.none(), min_size=2, max_size=2)),
        np.array(vectors, np.float16),
        draw(st.lists(texts, min_size=2, max_size=2)),
        draw(st.lists(texts, min_size=2, max_size=2)),
    )


@given(shards())
def test_a_shard_is_read_as_it_was_written(tmp_path_factory, shard):
    folder = tmp_path_factory.mktemp("folder")
    write_shard(folder, MANIFEST, 0, shard)
    found = read_shard(folder, MANIFEST, 0)
    for name in ("paths", "contents", "problems", "stamps"):
        assert getattr(found, name) == getattr(shard, name)
    np.testing.assert_array_equal(found.embeddings, shard.embeddings)
    assert list(files_in(folder, 0)) == [
        (path, stamp, content is not None)
        for path, stamp, content in zip(shard.paths, shard.stamps, shard.contents, strict=True)
    ]


SHARD = Shard(["a", "b"], ["1", "2"], np.eye(2, 4, dtype=np.float16), ["", ""], ["", ""])


@given(st.data())
def test_a_damaged_shard_is_refused_or_as_it_was(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("folder")
    write_shard(folder, MANIFEST, 0, SHARD)
    file = embeddings_file(folder, 0)
    content = bytearray(file.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    if not is_refused(read_shard, folder, MANIFEST, 0):
        assert read_shard(folder, MANIFEST, 0).paths == SHARD.paths


def test_a_shard_at_which_pyarrow_ends_its_process_is_refused_by_this_one(tmp_path):
    write_shard(tmp_path, MANIFEST, 0, SHARD)
    file = embeddings_file(tmp_path, 0)
    make_deadly(file)
    script = (
        "import sys; from pyarrow import parquet; "
        "parquet.ParquetFile(sys.argv[1]).metadata.row_group(0).column(0)"
    )
    done = subprocess.run([sys.executable, "-c", script, file], check=False, capture_output=True)
    assert done.returncode not in {0, 1}, "no byte to test with any more"
    assert not states_of(tmp_path, MANIFEST, CancelToken())
    assert is_refused(read_shard, tmp_path, MANIFEST, 0)
    assert is_refused(lambda: list(files_in(tmp_path, 0)))


def test_a_shard_of_another_form_is_refused(tmp_path):
    write_shard(tmp_path, MANIFEST, 0, SHARD)
    file = embeddings_file(tmp_path, 0)
    table = parquet.read_table(file)
    bomb = ["x" * 30_000_000] * 2
    for other in (
        table.drop_columns(["path"]),
        table.set_column(0, "path", arrow.array([1, 2])),
        table.set_column(2, "embedding", arrow.array([[1.0], [2.0]])),
        table.set_column(2, "embedding", arrow.array([None, None], table.schema.field(2).type)),
        table.set_column(3, "problem", arrow.array(bomb)),
    ):
        parquet.write_table(
            other.replace_schema_metadata(table.schema.metadata), file, compression="zstd"
        )
        assert is_refused(read_shard, tmp_path, MANIFEST, 0)
    assert file.stat().st_size < 100_000


def test_of_two_files_with_the_number_of_a_shard_the_one_with_its_name_is_it(tmp_path):
    folder = tmp_path / "embeddings"
    folder.mkdir()
    for name in (
        "00001.parquet",
        "000001.parquet",
        "0000001.parquet",
        "99999.parquet",
        "1.parquet",
    ):
        (folder / name).write_bytes(b"x")
    (folder / "00000.parquet").mkdir()
    assert shards_there(tmp_path) == [1, 99999]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path):
    embeddings_file(tmp_path, 0).parent.mkdir()
    os.mkfifo(embeddings_file(tmp_path, 0))
    os.mkfifo(tmp_path / MANIFEST_NAME)
    assert is_refused(read_manifest, tmp_path)
    assert is_refused(read_shard, tmp_path, MANIFEST, 0)
    assert not states_of(tmp_path, MANIFEST, CancelToken())
    assert shards_there(tmp_path) == []
