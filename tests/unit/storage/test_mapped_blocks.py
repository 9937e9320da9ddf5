"""Blocks of vectors lie in a temporary file, or in memory where there is no room for one."""

import errno
import tempfile

import numpy as np

from nameplate.storage.mapped_blocks import MappedBlocks

SHAPE, FLOAT = (64, 48), np.dtype(np.float16)


def test_blocks_keep_what_is_written_and_leave_no_file(tmp_path):
    make = MappedBlocks(lambda: tmp_path)
    blocks = [make(SHAPE, FLOAT) for _ in range(3)]
    assert all(np.isnan(block).all() for block in blocks)
    for number, block in enumerate(blocks):
        block[:] = number
    del make
    assert [float(block.min()) for block in blocks] == [0, 1, 2]
    assert list(tmp_path.iterdir()) == []


def test_on_a_full_disk_a_block_is_in_memory(tmp_path, monkeypatch):
    class Full:
        def __getattr__(self, name):
            return lambda *_: 0

        def write(self, _content):
            raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    block = MappedBlocks(lambda: tmp_path)(SHAPE, FLOAT)
    block[3] = 1
    assert float(block[3, 3]) == 1
    assert np.isnan(block[4]).all()


def test_where_no_folder_can_be_made_a_block_is_in_memory(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    block = MappedBlocks(lambda: tmp_path / "file")(SHAPE, FLOAT)
    assert np.isnan(block).all()
