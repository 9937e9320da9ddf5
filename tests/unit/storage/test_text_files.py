import os
import sys
import threading
from pathlib import Path

import pytest

from nameplate.domain.errors import UsageError
from nameplate.storage.text_files import load_template_sets, read_text
from nameplate.wording.texts import remedy_of


def test_text_is_read_with_and_without_a_byte_order_mark(tmp_path):
    file = tmp_path / "names.txt"
    file.write_bytes("Käse\n🐈".encode())
    assert read_text(file) == "Käse\n🐈"
    file.write_bytes("Käse".encode("utf-8-sig"))
    assert read_text(file) == "Käse"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a\nb\n\xff\xfe", r"not-utf8 \(line=3\)"),
        (b"x" * 101, r"text-too-large \(most=100\)"),
    ],
)
def test_what_is_not_a_short_utf8_text_is_refused(tmp_path, content, reason):
    file = tmp_path / "names.txt"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=reason) as caught:
        read_text(file, limit=100)
    assert caught.value.where == str(file)
    assert remedy_of(caught.value.reason)


def test_missing_files_folders_and_impossible_paths_are_refused(tmp_path):
    for path in (tmp_path / "gone.txt", tmp_path, Path("a\0b"), tmp_path / ("x" * 5000)):
        with pytest.raises(UsageError):
            read_text(path)


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "names.txt"
    file.write_text("a")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match="no-permission-to-open"):
        read_text(file)


def test_the_template_sets_of_the_program_are_read():
    sets = load_template_sets()
    assert {"none", "simple", "openai7", "openai80"} <= set(sets)
    assert len(sets["openai7"].templates) == 7
    assert len(sets["openai80"].templates) == 80
    assert sets["none"].templates == ("{}",)
    assert all(key == template_set.id for key, template_set in sets.items())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_pipe_or_a_device_is_read_to_its_end_and_never_beyond_the_limit(tmp_path):
    read, write = os.pipe()
    os.write(write, b"cat\ndog\n")
    os.close(write)
    try:
        assert read_text(Path(f"/dev/fd/{read}")) == "cat\ndog\n"
    finally:
        os.close(read)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text("bird"))
    writer.start()
    assert read_text(pipe) == "bird"
    writer.join()
    assert read_text(Path("/dev/null")) == ""
    with pytest.raises(UsageError, match=r"text-too-large \(most=100\)"):
        read_text(Path("/dev/zero"), limit=100)
