"""Attacks on exports: what they take, what they leave, what they say, and what an undo does."""

import csv
import io
import json
import os
import threading
from pathlib import Path
from random import Random

import numpy as np

from exchange_help import JPEG, full_disk, project_of
from nameplate.cli.suggesting import export_without_model
from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.formats.csv import without_apostrophe
from nameplate.formats.export_format import ExportOptions, Target, TransferMode
from nameplate.formats.exported_image import Which
from nameplate.formats.outputs.sidecar_output import BESIDE_PICTURES
from nameplate.formats.outputs.sidecar_undo import undo_sidecars
from nameplate.formats.registry import FORMATS
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.pipeline.exporting import ExportRequest, write_export

SECRET = b"-----BEGIN OPENSSH PRIVATE KEY-----"
FOLDERS = ("folders", "imagefolder")
FORMULAS = "=+-@\t\r\n\uff1d"
SECONDS = 20


def within_time(act):
    """Return what `act` returns; fail if it hangs."""
    done = []

    def run() -> None:
        try:
            done.append((act(), None))
        except Exception as error:  # noqa: BLE001 - raised again below
            done.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(SECONDS)
    assert done, "it hangs"
    result, error = done[0]
    if error is not None:
        raise error
    return result


def contents(folder: Path) -> dict[str, bytes]:
    """Return the regular files below a folder, without following links."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118 - names that are no text
            if not os.path.islink(path) and os.path.isfile(path):  # noqa: PTH113, PTH114
                with open(path, "rb") as stream:  # noqa: PTH123
                    found[path] = stream.read()
    return found


def picture(number: int) -> bytes:
    return JPEG + b"%d" % number * 50


def honest(chance: Random, folder: Path) -> list[Path]:
    """Make pictures with odd names, all different."""
    files = []
    for number in range(chance.randint(2, 9)):
        name = chance.choice(
            [b"a b", b"caf\xe9", "\u00e4".encode(), b"con", b"x;=1", b"=1+1", b"."]
        )
        ending = chance.choice([b".jpg", b".JPG", b".png"])
        place = os.fsencode(folder) + chance.choice([b"/in/", b"/", b"/\xff/"])
        file = Path(os.fsdecode(place + name + b"%d" % number + ending))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture(number))
        files.append(file)
    return files


def hostile(chance: Random, folder: Path) -> list[Path]:
    """Make things that a project may name, and that are no pictures."""
    folder.mkdir(exist_ok=True)
    (folder / "id_rsa").write_bytes(SECRET)
    makers = {
        "secret": lambda path: path.write_bytes(SECRET),
        "link": lambda path: path.symlink_to(folder / "id_rsa"),
        "hard link": lambda path: path.hardlink_to(folder / "id_rsa"),
        "zero": lambda path: path.symlink_to("/dev/zero"),
        "random": lambda path: path.symlink_to("/dev/urandom"),
        "environment": lambda path: path.symlink_to("/proc/self/environ"),
        "pipe": os.mkfifo,
        "folder": Path.mkdir,
        "loop": lambda path: path.symlink_to(path),
        "gone": lambda path: None,
        "empty": Path.touch,
    }
    files = [folder / "id_rsa"]
    for number in range(chance.randint(1, 5)):
        file = folder / f"h{number}{chance.choice(['.jpg', '.tga', '', '.png'])}"
        makers[chance.choice(sorted(makers))](file)
        files.append(file)
    return files


def project_with(chance: Random, files: list[Path]):
    names = chance.sample(["cat", "=cmd", "a;=b", "../x", "CON", "caf\udce9", "x|y", "-1"], 3)
    labels = {file: [chance.choice(names)] for file in files}
    return project_of(labels, by_person=chance.random() < 0.7, reads_contents=False)


def export(project, chosen, out, cancel=None, on_progress=lambda _: None, **options):
    given = {name: value for name, value in options.items() if name in FORMATS[chosen].options}
    request = ExportRequest(FORMATS[chosen], ExportOptions(**given), out)
    token = cancel or CancelToken()
    return within_time(
        lambda: write_export(export_without_model(project), request, None, token, on_progress)
    )


def options_of(chance: Random) -> dict[str, object]:
    return {
        "transfer": chance.choice([*TransferMode]),
        "split": chance.choice([(), (0.5, 0.5), (0.6, 0.2, 0.2)]),
        "unlabelled": chance.random() < 0.3,
        "which": chance.choice([*Which]),
    }


def nothing_taken_but_pictures(chance: Random, folder: Path) -> None:
    """A project of pictures, secrets, pipes and devices, into a folder of any format."""
    files, chosen = honest(chance, folder / "pictures"), chance.choice(FOLDERS)
    others = hostile(chance, folder / "others")
    project = project_with(chance, [*files, *others])
    before = contents(folder)
    done = export(project, chosen, folder / "out", **options_of(chance))
    out = contents(folder / "out")
    assert not any(SECRET in content for content in out.values()), "a secret is in the export"
    assert (folder / "others" / "id_rsa").read_bytes() == SECRET
    for path, content in before.items():
        assert Path(path).read_bytes() == content, f"{path!r} is lost"
    taken = [c for p, c in out.items() if Path(p).suffix.lower() in IMAGE_EXTENSIONS]
    assert all(content in before.values() for content in taken)
    assert done.images == len(taken), "what is said is not what is there"
    assert all(os.path.lexists(path) for path in project.images.paths.texts if "/in/" in path)


def hostile_log(chance: Random, folder: Path) -> None:
    """A log of moves or of sidecars by a stranger."""
    for number in range(4):
        (folder / f"{number}.jpg").write_bytes(picture(number))
    (folder / "id_rsa").write_bytes(SECRET)
    (folder / "a.xmp").symlink_to(folder / "id_rsa")
    places = [str(folder / "id_rsa"), str(folder / "a.xmp"), "/x\0.xmp", "//host/share/x.xmp", ""]
    entries = [
        {"from": str(folder / "0.jpg"), "to": chance.choice(["1.jpg", "../x.jpg", "/etc/passwd"])},
        {"sidecar": chance.choice(places), "picture": "", "wrote": "", "before": "", "made": []},
    ]
    lines = [json.dumps(chance.choice(entries)) for _ in range(chance.randint(1, 3))]
    log = folder / chance.choice(["nameplate-moves.jsonl", "sidecars 2026-01-01 10.00.00"])
    log.write_text("\n".join(lines) + "\n")
    before = contents(folder)
    try:
        within_time(lambda: undo_sidecars(log))
    except NameplateError:
        assert contents(folder) == before, "a log that was refused did something"
    else:
        raise AssertionError("a log of a stranger was believed")


def hostile_cells(chance: Random, folder: Path) -> None:
    """Names and labels that a spreadsheet would run, split at whatever it splits at."""
    letters = FORMULAS + ";\"', a1|"
    names = ["".join(chance.choices(letters, k=chance.randint(1, 9))) for _ in range(6)]
    files = {}
    for number, name in enumerate(names):
        file = folder / "pictures" / f"{name.replace('/', '')}{number}.jpg"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(picture(number))
        files[file] = [f"n{name}{number}".strip()]
    project = project_of(files, reads_contents=False)
    export(project, "csv", folder / "x.csv", which=chance.choice([Which.BEST, Which.LABELS]))
    text = (folder / "x.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {without_apostrophe(row["path"]) for row in rows} == {file.name for file in files}
    for mark in ";\t":
        for line in text.replace("\r", "\n").split("\n"):
            for cell in line.split(mark):
                bare = cell.lstrip('" ')
                assert not bare or bare[0] not in FORMULAS, f"{cell!r} in a cell at {mark!r}"


def cancelled(chance: Random, folder: Path) -> None:
    """Cancel at a random moment: what is said is what is there."""
    count = chance.randint(60, 200)
    files = [folder / "pictures" / f"{n}.jpg" for n in range(count)]
    files[0].parent.mkdir()
    for number, file in enumerate(files):
        file.write_bytes(picture(number))
    project = project_of({file: ["cat"] for file in files}, reads_contents=False)
    chosen = chance.choice([*FORMATS])
    is_beside = chosen == "xmp" and chance.random() < 0.5
    out, token, at = folder / "out", CancelToken(), chance.randint(0, count)
    if FORMATS[chosen].target is Target.FILE:
        out = folder / f"out{FORMATS[chosen].ending}"

    def on_progress(progress) -> None:
        if progress.done >= at:
            token.cancel()

    before = contents(folder)
    try:
        done = export(
            project, chosen, BESIDE_PICTURES if is_beside else out, token, on_progress,
            transfer=chance.choice([*TransferMode]),
        )  # fmt: skip
    except CancelledError:
        assert contents(folder) == before, "cancelled, and something is there"
        return
    if chosen != "xmp":
        return
    there = [path for path in contents(folder) if path.endswith(".xmp")]
    assert done.images == len(there), "what is said is not what is there"
    undone = undo_sidecars(done.undo)
    assert undone.sidecars == len(there)
    assert contents(folder) == before


def sidecars_undone(chance: Random, folder: Path) -> None:
    """Sidecars that were there, and some that change before the undo."""
    files = honest(chance, folder / "pictures")
    project = project_with(chance, files)
    export(project, "xmp", BESIDE_PICTURES)
    for file in folder.rglob("*.xmp"):
        if chance.random() < 0.5:
            file.unlink()
    before = contents(folder)
    rows = np.arange(len(project.images))
    taken = project.labels.all.take(rows)
    taken["concepts"] = chance.choice(taken["concepts"].tolist())
    project.labels.replace(rows, taken)
    done = export(project, "xmp", BESIDE_PICTURES)
    if done.undo is None:
        assert contents(folder) == before
        return
    edited = {}
    for path in sorted(contents(folder)):
        if path.endswith(".xmp") and chance.random() < 0.3:
            edited[path] = b"mine"
            Path(path).write_bytes(b"mine")
    undone = undo_sidecars(done.undo)
    after = contents(folder)
    changed = {path for path in after if after[path] != before.get(path)} | set(before) - set(after)
    assert changed <= set(edited), "an undo left more than what was edited"
    assert all(after[path] == b"mine" for path in edited), "what was edited is gone"
    assert len(undone.problems) <= len(edited)


def on_a_full_disk(chance: Random, folder: Path) -> None:
    """No file may grow past a random size: all of it is there, or nothing, or it is said."""
    files = honest(chance, folder / "pictures")
    project = project_with(chance, files)
    chosen = chance.choice([*FORMATS])
    out, before = folder / f"out{FORMATS[chosen].ending}", contents(folder)
    try:
        with full_disk(chance.choice([1, 40, 300, 1000, 4000])):
            done = export(project, chosen, out, **options_of(chance))
    except NameplateError:
        assert contents(folder) == before, "it failed, and something is there"
        return
    assert all(Path(path).is_file() for path in project.images.paths.texts), "a picture is lost"
    if chosen == "xmp":
        there = [path for path in contents(folder) if path.endswith(".xmp")]
        assert done.images == len(there), "what is said is not what is there"


ATTACKS = {
    "secrets, pipes and devices": nothing_taken_but_pictures,
    "a log by a stranger": hostile_log,
    "cells with formulas": hostile_cells,
    "cancelled": cancelled,
    "sidecars undone": sidecars_undone,
    "a full disk": on_a_full_disk,
}
