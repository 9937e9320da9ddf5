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
from nameplate.cli.labelling import export_without_model
from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.formats.csv import without_apostrophe
from nameplate.formats.export_format import ExportOptions, Target, Transfer
from nameplate.formats.exported_image import Which
from nameplate.formats.outputs.moves import undo_moves
from nameplate.formats.outputs.safe_names import MOVES
from nameplate.formats.outputs.sidecar_output import BESIDE_PICTURES
from nameplate.formats.registry import FORMATS
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.pipeline.exporting import ExportRequest, write_export
from project_help import TEST

SECRET = b"-----BEGIN OPENSSH PRIVATE KEY-----"
FOLDERS = ("folders", "ultralytics", "imagefolder", "fiftyone")
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
        "transfer": chance.choice([*Transfer]),
        "split": chance.choice([(), (0.5, 0.5), (0.6, 0.2, 0.2)]),
        "unlabelled": chance.random() < 0.3,
        "which": chance.choice([*Which]),
        "with_parents": chance.random() < 0.3,
    }


def nothing_taken_but_pictures(chance: Random, folder: Path) -> None:
    """A project of pictures, secrets, pipes and devices, into a folder of any format."""
    files, chosen = honest(chance, folder / "pictures"), chance.choice((*FOLDERS, "html"))
    others = hostile(chance, folder / "others")
    project = project_with(chance, [*files, *others])
    before = contents(folder)
    done = export(project, chosen, folder / "out", **options_of(chance))
    out = contents(folder / "out")
    assert not any(SECRET in content for content in out.values()), "a secret is in the export"
    assert (folder / "others" / "id_rsa").read_bytes() == SECRET
    for path, content in before.items():
        there = Path(path)
        new = dict(done.report.moved).get(path)
        assert (Path(new) if new else there).read_bytes() == content, f"{path!r} is lost"
        assert new is None or not there.exists()
    if chosen != "html":
        taken = [c for p, c in out.items() if Path(p).suffix.lower() in IMAGE_EXTENSIONS]
        assert all(content in before.values() for content in taken)
        assert done.report.images == len(taken), "what is said is not what is there"
    if done.relink is not None:
        project.apply(done.relink, TEST)
    assert all(os.path.lexists(path) for path in project.images.paths.texts if "/in/" in path)


def edited_while_moved(chance: Random, folder: Path) -> None:
    """Originals change between their copy and their deletion; on this disk, or as if on another."""
    files, edits = honest(chance, folder / "pictures"), {}

    def edit(progress) -> None:
        for file in chance.sample(files, chance.randint(0, len(files))):
            if progress.done and os.path.lexists(file) and file not in edits:
                new = picture(1000 + len(edits))
                kind = chance.choice(["in place", "replaced", "same time"])
                times = file.stat().st_atime_ns, file.stat().st_mtime_ns
                if kind == "replaced":
                    (folder / "new").write_bytes(new)
                    (folder / "new").replace(file)
                else:
                    file.write_bytes(new)
                if kind == "same time":
                    os.utime(file, ns=times)
                edits[file] = new

    project = project_with(chance, files)
    link, chosen = os.link, chance.choice(["folders", "imagefolder", "fiftyone"])

    def fail(*_: object) -> None:
        raise OSError(18, "another disk")

    try:
        os.link = fail if chance.random() < 0.5 else link
        done = export(project, chosen, folder / "out", on_progress=edit, transfer=Transfer.MOVE)
    finally:
        os.link = link
    if done.relink is not None:
        project.apply(done.relink, TEST)
    now = [Path(path).read_bytes() for path in project.images.paths.texts]
    for file in files:
        wanted = edits.get(file, file.read_bytes() if file.exists() else None)
        assert wanted is None or wanted in now, f"{file!r}: an edit is lost"
    said = {path for path, _ in done.report.problems}
    for file in files:
        assert not file.exists() or str(file) in said, "what stays is not said"


def hostile_log(chance: Random, folder: Path) -> None:
    """A log of moves by a stranger."""
    inside, outside = folder / "inside", folder / "outside"
    inside.mkdir()
    outside.mkdir()
    for number in range(4):
        (inside / f"{number}.jpg").write_bytes(picture(number))
        (outside / f"{number}.jpg").write_bytes(picture(10 + number))
    (outside / "id_rsa").write_bytes(SECRET)
    (inside / "out").symlink_to(outside)
    (inside / "link.jpg").symlink_to(outside / "id_rsa")
    (outside / "in").symlink_to(inside)
    olds = [
        str(outside / "0.jpg"), str(outside / "new" / "x.jpg"), str(outside / "in" / "1.jpg"),
        str(outside / ".." / "up.jpg"), "relative.jpg", "C:x.jpg", "//host/share/x.jpg",
        "\\\\host\\share\\x.jpg", str(outside / "id_rsa"), str(outside / ".bashrc"), "/x\0.jpg",
        str(inside / "2.jpg"), str(outside / "a.txt:b.jpg"),
    ]  # fmt: skip
    news = [
        "0.jpg", "1.jpg", "2.jpg", "out/1.jpg", "link.jpg", "../outside/2.jpg", "/etc/passwd",
        "a:b.jpg", "C:x.jpg", "..\\outside\\3.jpg", "gone.jpg", "",
    ]  # fmt: skip
    lines = [
        json.dumps({"from": chance.choice(olds), "to": chance.choice(news)})
        for _ in range(chance.randint(1, 3))
    ]
    if chance.random() < 0.3:
        lines.append(
            json.dumps(
                {
                    "sidecar": str(outside / "id_rsa"),
                    "picture": "",
                    "wrote": "",
                    "before": "",
                    "made": [],
                }
            )
        )
    (inside / MOVES).write_text("\n".join(lines) + "\n")
    before = contents(outside), contents(folder)
    try:
        undone = within_time(lambda: undo_moves(inside / MOVES))
    except NameplateError:
        undone = None
    after = contents(folder)
    for path, content in before[0].items():
        assert after.get(path) == content, f"{path} was touched"
    kept = {content for path, content in before[1].items() if not path.endswith(MOVES)}
    assert kept <= set(after.values()), "a picture is lost"
    new = {Path(path) for path in set(after) - set(before[1])}
    assert all(path.suffix in IMAGE_EXTENSIONS for path in new)
    if undone is None:
        assert after == before[1], "a log that was refused did something"


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
    chosen = chance.choice([one for one in FORMATS if one not in ("html", "parquet")])
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
            transfer=chance.choice([*Transfer]),
        )  # fmt: skip
    except CancelledError:
        assert contents(folder) == before, "cancelled, and something is there"
        return
    if chosen != "xmp":
        return
    there = [path for path in contents(folder) if path.endswith(".xmp")]
    assert done.report.images == len(there), "what is said is not what is there"
    undone = undo_moves(done.report.undo)
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
    if done.report.undo is None:
        assert contents(folder) == before
        return
    edited = {}
    for path in sorted(contents(folder)):
        if path.endswith(".xmp") and chance.random() < 0.3:
            edited[path] = b"mine"
            Path(path).write_bytes(b"mine")
    undone = undo_moves(done.report.undo)
    after = contents(folder)
    changed = {path for path in after if after[path] != before.get(path)} | set(before) - set(after)
    assert changed <= set(edited), "an undo left more than what was edited"
    assert all(after[path] == b"mine" for path in edited), "what was edited is gone"
    assert len(undone.problems) <= len(edited)


def on_a_full_disk(chance: Random, folder: Path) -> None:
    """No file may grow past a random size: all of it is there, or nothing, or it is said."""
    files = honest(chance, folder / "pictures")
    project = project_with(chance, files)
    chosen = chance.choice([one for one in FORMATS if one not in ("html", "parquet")])
    out, before = folder / f"out{FORMATS[chosen].ending}", contents(folder)
    try:
        with full_disk(chance.choice([1, 40, 300, 1000, 4000])):
            done = export(project, chosen, out, **options_of(chance))
    except NameplateError:
        assert contents(folder) == before, "it failed, and something is there"
        return
    if done.relink is not None:
        project.apply(done.relink, TEST)
    assert all(Path(path).is_file() for path in project.images.paths.texts), "a picture is lost"
    if chosen == "xmp":
        there = [path for path in contents(folder) if path.endswith(".xmp")]
        assert done.report.images == len(there), "what is said is not what is there"


ATTACKS = {
    "secrets, pipes and devices": nothing_taken_but_pictures,
    "edited while moved": edited_while_moved,
    "a log by a stranger": hostile_log,
    "cells with formulas": hostile_cells,
    "cancelled": cancelled,
    "sidecars undone": sidecars_undone,
    "a full disk": on_a_full_disk,
}
