"""Parquet of others: what their programs write is read; what could fill the memory is not."""

from random import Random

import pytest

from bombs import make_deadly

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

from nameplate.formats.parquet_pieces import (  # noqa: E402 - they need pyarrow
    open_parquet,
    pieces,
    refuse_deadly,
)
from unit.formats.parquet_bombs import BOMBS  # noqa: E402

COUNT = 5000
TABLE = {
    "path": [f"folder {row % 7}/{row}.jpg" for row in range(COUNT)],
    "label": ["red" if row % 3 else None for row in range(COUNT)],
    "state": [None if row % 5 else "accepted" for row in range(COUNT)],
    "probability": [row / COUNT for row in range(COUNT)],
}


def rows_in(file, columns):
    with file.open("rb") as stream:
        found = pieces(stream, open_parquet(stream), columns)
        return [row for piece in found for row in piece.to_pylist()]


@pytest.mark.parametrize("column", ["path", "label"])
@pytest.mark.parametrize("bomb", [name for name in BOMBS if not name.startswith("rows_")])
def test_a_file_that_could_fill_the_memory_is_refused(tmp_path, bomb, column):
    BOMBS[bomb](Random(bomb), tmp_path / "bomb.parquet", column)
    with pytest.raises(ValueError, match="could fill the memory"):
        rows_in(tmp_path / "bomb.parquet", [column])


def test_a_file_at_which_pyarrow_ends_its_process_is_refused_by_this_one(tmp_path):
    file = tmp_path / "table.parquet"
    parquet.write_table(arrow.table(TABLE), file)
    make_deadly(file)
    with file.open("rb") as stream, pytest.raises(ValueError, match="damaged metadata"):
        refuse_deadly(file, stream)


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
    assert rows_in(file, list(TABLE)) == table.to_pylist()
