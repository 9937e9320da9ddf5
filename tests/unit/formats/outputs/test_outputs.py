"""The rule that keeps a result from destroying something; the commands are tested with it too."""

import io
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nameplate.domain.errors import OutputError
from nameplate.formats.csv import HEADER
from nameplate.formats.outputs.output import LABELS, VECTORS, WINDOW_PICTURE, Output
from nameplate.wording.texts import error_text

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="links and modes of POSIX")

OWN = ",".join(HEADER).encode() + b"\r\n"


def put(stream):
    stream.write(OWN)


def png(**texts):
    info, stream = PngInfo(), io.BytesIO()
    for key, text in texts.items():
        info.add_text(key, text)
    Image.new("RGB", (3, 3)).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


def npz(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **{name: np.zeros(2) for name in arrays})
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "content", "is_replaced"),
    [
        (LABELS, OWN + b"a.jpg,cat", True),
        (LABELS, b"a,b\r\n", False),
        (LABELS, npz(path=0, embedding=0), False),
        (VECTORS, npz(path=0, embedding=0), True),
        (VECTORS, npz(text=0, embedding=0), True),
        (VECTORS, npz(path=0, embedding=0, more=0), False),
        (VECTORS, npz(path=0), False),
        (VECTORS, npz(path=0, embedding=0)[:-30], False),
        (VECTORS, OWN, False),
        (VECTORS, b"", True),
        (WINDOW_PICTURE, png(Software="Nameplate"), True),
        (WINDOW_PICTURE, png(Title="x", Software="Nameplate"), True),
        (WINDOW_PICTURE, png(Software="Nameplates"), False),
        (WINDOW_PICTURE, png(), False),
        (WINDOW_PICTURE, b"", False),
    ],
)
def test_only_what_nameplate_wrote_there_is_replaced_unasked(tmp_path, kind, content, is_replaced):
    file = tmp_path / ("window.png" if kind is WINDOW_PICTURE else "out")
    file.write_bytes(content)
    output = Output(file, kind)
    if is_replaced:
        output.check()
        output.write(put)
    else:
        for attempt in (output.check, lambda: output.write(put)):
            with pytest.raises(OutputError, match=r"is-not-ours|would-be-lost"):
                attempt()
    assert file.read_bytes() == (OWN if is_replaced else content)
    assert list(tmp_path.iterdir()) == [file]


def test_archives_of_any_damage_are_simply_not_ours(tmp_path):
    whole = npz(path=0, embedding=0)
    file = tmp_path / "out.npz"
    for place in range(0, len(whole), 7):
        file.write_bytes(whole[:place] + b"\xff\xfe\xff" + whole[place + 3 :])
        try:
            Output(file, VECTORS).check()
        except OutputError as error:
            assert error.reason.code == "must-not-replace"  # noqa: PT017
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../path.npy", b"")
    with pytest.raises(OutputError):
        Output(file, VECTORS).check()


def test_what_comes_while_the_result_is_made_is_not_replaced(tmp_path):
    file = tmp_path / "out.csv"
    output = Output(file, LABELS)
    output.check()

    def write_slowly(stream):
        put(stream)
        file.write_bytes(b"somebody else's")

    with pytest.raises(OutputError, match="would-be-lost"):
        output.write(write_slowly)
    assert file.read_bytes() == b"somebody else's"
    assert list(tmp_path.iterdir()) == [file]


def test_a_picture_that_comes_meanwhile_is_not_replaced_by_a_result_that_may_replace(tmp_path):
    file = tmp_path / "out.csv"
    file.write_bytes(b"mine")
    output = Output(file, LABELS, overwrite=True)
    output.check()
    file.write_bytes(png())
    with pytest.raises(
        OutputError, match=r"is-picture \(kind=PNG\), elsewhere=choose-another-name\)$"
    ):
        output.write(put)
    assert file.read_bytes() == png()


class Untouchable(Sequence):
    """Paths that must not be asked for."""

    def __getitem__(self, index):
        raise AssertionError(index)

    def __len__(self):
        return 100_000

    def __iter__(self):
        raise AssertionError


def test_pictures_are_looked_at_only_where_something_is_there(tmp_path):
    file = tmp_path / "out.csv"
    Output(file, LABELS, images=Untouchable()).write(put)
    with pytest.raises(AssertionError):
        Output(file, LABELS, images=Untouchable()).check()


@on_posix
def test_a_message_names_the_link_and_where_it_leads(tmp_path):
    (tmp_path / "real").write_bytes(png())
    link = tmp_path / "out.csv"
    link.symlink_to("real")
    with pytest.raises(OutputError) as caught:
        Output(link, LABELS, overwrite=True).check()
    assert error_text(caught.value) == (
        f"{link}: not written: it leads to {tmp_path / 'real'}, which is a picture "
        "(PNG). Choose another name."
    )


@on_posix
def test_what_cannot_be_read_might_be_anything_and_stays(tmp_path, monkeypatch):
    file = tmp_path / "out.csv"
    file.write_bytes(b"secret")

    def refuse(*_):  # for root everything is readable
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("nameplate.formats.outputs.output.open_regular", refuse)
    with pytest.raises(OutputError, match="cannot-tell-loss"):
        Output(file, LABELS, overwrite=True).check()


@on_posix
def test_a_device_is_written_without_asking_what_it_is():
    output = Output(Path("/dev/null"), LABELS)
    assert not output.exists  # so that a limit need not scan to the end
    output.check()
    output.write(put)
    assert Path("/dev/null").is_char_device()


def test_without_a_standard_output_that_is_said(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputError, match="no-standard-output"):
        Output(Path("-"), LABELS).write(put)


@on_posix
def test_a_linked_folder_is_the_folder_of_the_model(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "link").symlink_to("model")
    for model, file in (("model", "link/new.csv"), ("link", "model/deep/new.csv")):
        with pytest.raises(OutputError, match="lies-in-model"):
            Output(tmp_path / file, LABELS, model=tmp_path / model).check()
