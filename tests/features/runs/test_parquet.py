"""Parquet of others: what their programs write is read; what could fill the memory is not."""

from random import Random

import pytest

from bombs import make_deadly
from nameplate.domain.errors import UsageError
from nameplate.features.runs.parquet import read_end, read_rows

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from features.runs.parquet_bombs import BOMBS  # noqa: E402 - it needs pyarrow

COUNT = 6000
TABLE = {
    "path": [f"folder {row % 7}/{row}.jpg" for row in range(COUNT)],
    "label": ["red" if row % 3 else None for row in range(COUNT)],
    "state": [None if row % 5 else "accepted" for row in range(COUNT)],
    "probability": [row / COUNT for row in range(COUNT)],
}


@pytest.mark.parametrize("column", ["path", "label"])
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_that_could_fill_the_memory_is_refused(tmp_path, bomb, column):
    BOMBS[bomb](Random(bomb), tmp_path / "bomb.parquet", column)
    with pytest.raises(UsageError, match="shard-damaged"):
        list(read_rows(tmp_path / "bomb.parquet", [column]))


def test_a_file_at_which_pyarrow_ends_its_process_is_refused_by_this_one(tmp_path):
    file = tmp_path / "table.parquet"
    parquet.write_table(arrow.table(TABLE), file)
    make_deadly(file)
    with pytest.raises(UsageError, match="shard-damaged"):
        read_end(file)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_dictionary": False, "compression": "none"},
        {"data_page_version": "2.0", "compression": "zstd"},
        {"data_page_size": 100, "row_group_size": 1700},
        {"write_statistics": False, "version": "1.0", "store_schema": False},
        {"use_dictionary": False, "column_encoding": {"path": "DELTA_LENGTH_BYTE_ARRAY"}},
        {"dictionary_pagesize_limit": 1000, "data_page_size": 2000},  # plain after its dictionary
    ],
)
@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
def test_tables_are_read_as_they_were_written(tmp_path, options, kind):
    if kind == "dictionary" and "column_encoding" in options:
        pytest.skip("pyarrow cannot read that itself")
    text = arrow.large_string() if kind == "large_string" else arrow.string()
    if kind == "dictionary":
        text = arrow.dictionary(arrow.int32(), text)
    table = arrow.table({**TABLE, "path": arrow.array(TABLE["path"], arrow.string()).cast(text)})
    file = tmp_path / "table.parquet"
    parquet.write_table(table, file, **options)
    rows = [dict(zip(TABLE, row, strict=True)) for row in read_rows(file, list(TABLE))]
    assert rows == table.to_pylist()
