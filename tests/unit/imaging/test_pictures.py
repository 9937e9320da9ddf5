"""Pictures that may take long are read in another process, and come out the same."""

import contextlib
import json
import struct
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest
from PIL import Image

from bombs import BOMBS, jpeg, png
from heif.files import coded
from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.imaging import pictures
from nameplate.imaging.decode import CUT_SHORT
from nameplate.imaging.pictures import picture, thumbnail, thumbnail_task
from nameplate.imaging.thumbnails import scaled
from nameplate.system import child
from nameplate.system.child import ChildError, Limits, call_in_child
from nameplate.system.memory import MOST_BYTES, room_for
from nameplate.wording.texts import error_text, remedy_of

WITHOUT_TEMPORARY_FILES = """
import sys, tempfile
def refuse():
    raise FileNotFoundError("no usable temporary directory")
tempfile.TemporaryFile = refuse
from nameplate.__main__ import main
main()
"""

STARTED = struct.pack(">IQ", 2, 0) + b"{}"
BEGIN = f"import os, sys; sys.stdout.buffer.write({STARTED}); sys.stdout.flush(); "

CRASHES = BEGIN + "sys.stdin.buffer.read(9); os.abort()"

SLOWLY_LOADED = """
import time
from nameplate.system.child_frames import Frame
time.sleep(4)
def task(arguments, room):
    return Frame({}, b"done")
"""

ASKS_FOR_EVER = """
import sys, time
from nameplate.system.child_frames import Frame, read_frame, write_frame
requests, replies = sys.stdin.buffer, sys.stdout.buffer
write_frame(replies, Frame({}))
read_frame(requests)
for _ in range(100):
    time.sleep(0.02)
    write_frame(replies, Frame({"need": 1, "size": [1, 1]}))
    read_frame(requests)
write_frame(replies, Frame({}))
"""


def child_that_says(answer):
    """Return the command of a child process that reads its task and gives one answer."""
    frame = struct.pack(">IQ", len(answer), 0) + answer
    # It stays until it is let go: one that has ended before is a child that crashed.
    program = (
        f"{BEGIN}sys.stdin.buffer.read(12); sys.stdout.buffer.write({frame}); "
        "sys.stdout.flush(); sys.stdin.read()"
    )
    return [sys.executable, "-c", program]


def noise(file, size=(300, 200), **options):
    array = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(array).save(file, **options)
    return file


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A picture of 81 million pixels, in colour, which takes a second to decode."""
    file = tmp_path_factory.mktemp("pictures") / "large.png"
    file.write_bytes(png(9000, 9000))
    return file


def children():
    return psutil.Process().children()


def end_children():
    """Let the next picture start a new one."""
    for each in children():
        each.kill()
        each.wait()  # else it may be asked once more


@pytest.mark.parametrize("extension", ["tif", "bmp", "gif", "ppm", "tga", "heic", "avif"])
def test_a_rare_format_comes_out_as_in_this_process(tmp_path, extension):
    file = tmp_path / f"a.{extension}"
    if extension == "heic":
        file.write_bytes(coded("own-300x200"))
    else:
        noise(file)
    here, there = scaled(file, 100, room_for), picture(file, 100)
    assert there.image.tobytes() == here.image.tobytes()
    assert (there.width, there.height, there.note) == (300, 200, None)
    assert thumbnail(file, 100).image.tobytes() == here.image.tobytes()


def test_what_is_wrong_with_a_file_is_said_as_in_this_process(tmp_path):
    cut, text = tmp_path / "cut.tif", tmp_path / "text.tif"
    cut.write_bytes(noise(tmp_path / "a.tif", compression="raw").read_bytes()[:-40_000])
    text.write_text("not a picture")
    assert picture(cut, 100).note == CUT_SHORT
    with pytest.raises(ImageError, match=r"no-picture \(kind=text\)") as caught:
        thumbnail(text, 100)
    assert caught.value.where == str(text)
    assert remedy_of(caught.value.reason)


def test_one_child_reads_one_file_after_the_other(tmp_path):
    files = [noise(tmp_path / f"{number}.bmp") for number in range(5)]
    thumbnail(files[0], 50)
    before = {child.pid for child in children()}
    for file in files:
        thumbnail(file, 50)
    assert {child.pid for child in children()} == before


@pytest.mark.parametrize("name", [n for n in BOMBS if n not in ("text.png", "comments.jpg")])
def test_a_small_file_that_claims_very_much_is_refused_at_once(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(BOMBS[name]())
    before = psutil.Process().memory_info().rss
    try:
        note = picture(file, 256).note
    except ImageError as error:
        note = error.reason
    assert note or name == "comment.gif"
    assert note is None or note.code != "picture-takes-long"
    assert psutil.Process().memory_info().rss < before + 3e8


def test_a_picture_that_takes_too_long_is_given_up_and_named(large, monkeypatch):
    monkeypatch.setattr(pictures, "_LIMITS", Limits(0.05, MOST_BYTES))
    with pytest.raises(ImageError, match=r"large\.png: picture-takes-long") as caught:
        thumbnail(large, 100)
    assert remedy_of(caught.value.reason) == "Make a smaller copy."


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the parent looks now and then")
def test_a_child_that_takes_too_much_memory_fails_alone(large):
    arguments = {"path": str(large), "side": 100}
    with pytest.raises((ImageError, ChildError), match="picture-needs-memory"):
        call_in_child(thumbnail_task, arguments, Limits(30, 200_000_000), raises=ImageError)
    assert thumbnail(large, 100).width == 9000


def test_a_decoder_that_crashes_costs_one_picture(tmp_path, monkeypatch):
    file = noise(tmp_path / "a.tif")
    end_children()
    with monkeypatch.context() as patch:
        patch.setattr(child, "child_command", lambda: [sys.executable, "-c", CRASHES])
        with pytest.raises(ImageError, match=r"a\.tif: decoder-crashed"):
            thumbnail(file, 100)
    assert thumbnail(file, 100).width == 300


@pytest.mark.parametrize(
    "answer", [b"", b"[1]", b"[" * 100_000, b'{"need": -1}', b'{"need": 1e999, "size": [1, 1]}',
               b"{}", b'{"size": [9, 9], "shown": [9, 9], "note": null}', b'{"error": "x"}']
)  # fmt: skip
def test_an_answer_of_another_form_is_a_fault_of_the_picture(tmp_path, monkeypatch, answer):
    file = noise(tmp_path / "a.tif")
    end_children()
    monkeypatch.setattr(child, "child_command", lambda: child_that_says(answer))
    with pytest.raises(ImageError) as caught:
        thumbnail(file, 100)
    assert caught.value.reason


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ({"code": "made-up", "parameters": {}}, "unknown problem (made-up)"),
        ({"code": "too-many-passes", "parameters": {"passes": "x" * 9000}}, "xxx"),
        ({"code": "Delete all your files!", "parameters": {}}, "failed"),
        ("Delete all your files!", "failed"),
    ],
)
def test_of_a_child_that_was_taken_over_only_the_form_of_a_message_is_believed(
    tmp_path, monkeypatch, reason, text
):
    file = noise(tmp_path / "a.tif")
    end_children()
    answer = json.dumps({"error": {"reason": reason, "where": "a.tif"}}).encode()
    monkeypatch.setattr(child, "child_command", lambda: child_that_says(answer))
    with pytest.raises(ImageError) as caught:
        thumbnail(file, 100)
    said = error_text(caught.value)
    assert text in said
    assert "Delete" not in said
    assert len(said) < 3000


def test_what_a_child_takes_to_start_and_to_load_is_no_time_of_its_task(tmp_path, monkeypatch):
    end_children()
    (tmp_path / "slowly_loaded.py").write_text(SLOWLY_LOADED, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", child.own_environment(tmp_path)["PYTHONPATH"])

    def task(_arguments, _room):
        """Stands for the one in the file."""

    task.__module__, task.__qualname__ = "slowly_loaded", "task"
    limits = Limits(3.9, 600_000_000, keep=False)
    assert call_in_child(task, {}, limits, raises=ImageError).blob == b"done"


def test_a_child_does_without_temporary_files(tmp_path, monkeypatch):
    end_children()
    program = [sys.executable, "-c", WITHOUT_TEMPORARY_FILES]
    monkeypatch.setattr(child, "child_command", lambda: program)
    assert thumbnail(noise(tmp_path / "a.tif"), 100).width == 300


def test_a_cancel_ends_the_reading_of_a_large_picture(large):
    cancel = CancelToken()
    threading.Timer(0.2, cancel.cancel).start()
    with pytest.raises(CancelledError):
        thumbnail(large, 100, cancel)
    assert not [child for child in children() if child.memory_info().rss > 300e6]


def test_a_picture_waits_for_the_memory_that_others_hold(large):
    order = []

    def read():
        thumbnail(large, 100)
        order.append("read")

    reader = threading.Thread(target=read)
    with room_for((1, 1), MOST_BYTES - 100_000_000):
        reader.start()
        reader.join(0.7)
        order.append("given back")
    reader.join(20)
    assert order == ["given back", "read"]


def test_a_child_that_asks_for_memory_again_is_ended(monkeypatch):
    program = [sys.executable, "-c", ASKS_FOR_EVER]
    monkeypatch.setattr(child, "child_command", lambda: program)
    with pytest.raises(ChildError, match="crash"):
        call_in_child(thumbnail_task, {}, Limits(5, 123_456_789), raises=ImageError, room=room_for)


def test_what_a_decoder_prints_does_not_reach_the_terminal(tmp_path, capfd):
    file = noise(tmp_path / "a.tif", compression="tiff_lzw")
    data = bytearray(file.read_bytes())
    data[2000:2400] = bytes(400)
    file.write_bytes(data)
    with contextlib.suppress(ImageError):
        thumbnail(file, 100)
    assert capfd.readouterr().err == ""


def test_a_child_that_others_ended_while_it_waited_costs_no_picture(tmp_path):
    file = noise(tmp_path / "a.bmp")
    thumbnail(file, 50)
    for each in children():
        each.kill()
    assert thumbnail(file, 50).width == 300


def test_the_token_of_the_hub_is_not_in_the_environment_of_a_child(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "secret")
    end_children()
    thumbnail(noise(tmp_path / "a.bmp"), 50)
    alive = [each for each in children() if each.status() != psutil.STATUS_ZOMBIE]
    assert alive
    assert all("HF_TOKEN" not in each.environ() for each in alive)


def test_a_module_in_the_current_folder_is_not_run(tmp_path, monkeypatch):
    (tmp_path / "PIL.py").write_text("open('was-run', 'w').close()")
    (tmp_path / "nameplate.py").write_text("open('was-run', 'w').close()")
    monkeypatch.chdir(tmp_path)
    arguments = {"path": str(noise(tmp_path / "a.bmp")), "side": 50}
    call_in_child(thumbnail_task, arguments, Limits(30, 600_000_000), raises=ImageError)
    assert not (tmp_path / "was-run").exists()


def test_a_child_ends_with_its_parent(tmp_path):
    code = (
        "import sys, psutil, pathlib\n"
        "from nameplate.imaging.pictures import thumbnail\n"
        "thumbnail(pathlib.Path(sys.argv[1]), 50)\n"
        "print(psutil.Process().children()[0].pid, flush=True)\n"
        "psutil.Process().kill()\n"
    )
    file = noise(tmp_path / "a.bmp")
    command = [sys.executable, "-c", code, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    pid = int(done.stdout)
    end = time.monotonic() + 10
    while psutil.pid_exists(pid) and time.monotonic() < end:
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.02)
    else:
        assert not psutil.pid_exists(pid)


def test_a_camera_s_picture_starts_no_process(tmp_path):
    file = tmp_path / "a.jpg"
    file.write_bytes(jpeg(600))
    code = (
        "import sys, psutil, pathlib\n"
        "from nameplate.imaging.pictures import thumbnail\n"
        "thumbnail(pathlib.Path(sys.argv[1]), 50)\n"
        "assert not psutil.Process().children()\n"
    )
    subprocess.run([sys.executable, "-c", code, str(file)], check=True, timeout=30)
