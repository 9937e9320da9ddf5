"""Certificates: whoever tries again, goes back, copies, forges or replaces gets no false one."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from features.promise.promise_help import Folder, decide_some, sampled
from nameplate.cli.labelling import export_without_model
from nameplate.domain.changes import RemoveImages, SetConcepts
from nameplate.domain.concepts import add
from nameplate.domain.errors import UsageError
from nameplate.domain.images import contents_of
from nameplate.domain.progress import CancelToken
from nameplate.features.promise.certificates import check_certificate
from nameplate.features.promise.counting import TRIES_NAME, begin_counted, counted_tries
from nameplate.features.promise.rules.applying import apply_labels, make_smaller
from nameplate.features.promise.rules.beginning import end
from nameplate.features.promise.rules.checking import next_page
from nameplate.features.promise.rules.promises import joined_tries, promise_in, tries_in
from nameplate.features.promise.rules.stages import risk_of_try
from nameplate.features.promise.rules.state import kept_promise
from nameplate.formats.export_format import ExportOptions
from nameplate.formats.exported_image import Which
from nameplate.formats.outputs.output import CERTIFICATE_ENDING, LABELS, Output
from nameplate.formats.registry import FORMATS
from nameplate.formats.shards.manifest import Manifest, write_manifest
from nameplate.pipeline.exporting import ExportRequest, write_export
from nameplate.project.file import store
from nameplate.storage.folders import tries_folder
from nameplate.system.file_status import content_key

PICTURES = 60


def is_fit(path: Path, pictures: Path | None = None) -> bool:
    return not check_certificate(path, pictures).differs


def begun(folder: Folder, target: float) -> None:
    folder.take(begin_counted(folder.project, folder.now, target)[0])


def certified(chance: Random, place: Path) -> Folder:
    """A project of real files, with a promise that was given."""
    pictures = place / "pictures"
    pictures.mkdir()
    folder = Folder(PICTURES, chance.sample(range(PICTURES), 2), folder=pictures)
    folder.project.identity = f"{chance.getrandbits(128):032x}"
    files = [Path(path) for path in folder.project.images.paths.texts]
    picture = BytesIO()
    Image.new("RGB", (1, 1)).save(picture, "JPEG")
    for file in files:
        file.write_bytes(picture.getvalue() + chance.randbytes(30))
    keys = contents_of([content_key(file) for file in files])
    folder.project.record_contents(np.arange(PICTURES), keys)
    begun(folder, 0.9)
    folder.keep()
    return folder


def exported(folder: Folder, path: Path, kind: str = "csv", **options: object) -> Path | None:
    """Export, and return the certificate; None where there is none."""
    request = ExportRequest(
        FORMATS[kind], ExportOptions(**options), path=path, overwrite=path.exists()
    )
    write_export(export_without_model(folder.project), request, None, CancelToken())
    certificate = path.with_name(f"{path.name}{CERTIFICATE_ENDING}")
    return certificate if certificate.exists() else None


# ---- trying again


class Life:
    """The life of a project, and of its copies, in which somebody wants a certificate."""

    def __init__(self, chance: Random, place: Path) -> None:
        self.chance, self.place = chance, place
        self.folder = Folder(150, chance.sample(range(150), chance.choice([0, 4, 9, 30])))
        self.folder.project.identity = f"{chance.getrandbits(128):032x}"
        self.copies = list[Path]()
        self.spent = dict[tuple[int, bool], float]()
        self.most = self.files = 0
        self.first = len(self.folder.project.history.done)  # before it there are no names
        self.keep()

    def new(self, ending: str) -> Path:
        self.files += 1
        return self.place / f"{self.files}.{ending}"

    def keep(self) -> None:
        self.copies.append(self.new("nameplate"))
        store.close(store.create(self.copies[-1], self.folder.project))

    def go_back(self) -> None:
        copy = self.new("nameplate")
        shutil.copyfile(self.chance.choice(self.copies), copy)
        self.folder.go_on_with(copy)

    def step(self) -> None:  # noqa: C901, PLR0912 - a case each
        folder, project, now = self.folder, self.folder.project, self.folder.now
        step = self.chance.choice(
            ["begin", "begin", "page", "page", "all", "give", "smaller", "end", "undo", "redo",
             "keep", "back", "label", "remove", "add", "name", "export"]
        )  # fmt: skip
        match step:
            case "begin":
                begun(folder, self.chance.choice([0.5, 0.9, 0.95, 0.98]))
            case "page" if (page := next_page(project, 60)) is not None:
                folder.check(page)
            case "all" if promise_in(project) is not None:
                folder.check_all()
            case "give":
                folder.take(apply_labels(project, now))
            case "smaller" if (smaller := make_smaller(project).step) is not None:
                folder.take(smaller)
            case "end":
                folder.take(end(project))
            case "undo" | "redo":
                for _ in range(self.chance.randint(1, 6)):
                    if step == "redo":
                        project.redo()
                    elif len(project.history.done) > self.first:
                        project.undo()
            case "keep":
                self.keep()
            case "back":
                self.go_back()
            case "label":
                decide_some(folder, self.chance.randint(1, 5))
            case "remove":
                folder.opened.do(RemoveImages(project.images.ids[[self.chance.randrange(150)]]))
            case "add":
                folder.opened.add_images(f"{self.chance.randrange(150):05}.jpg")
            case "name":
                key = project.next_concept_id
                folder.opened.do(SetConcepts(add(project.concepts, f"n{key}", least_key=key)))
            case "export":
                certificate = exported(folder, self.new("csv"))
                assert (certificate is not None) == (kept_promise(project) is not None)
                assert certificate is None or is_fit(certificate)
            case _:
                pass

    def judge(self) -> None:
        project = self.folder.project
        tries = joined_tries(tries_in(project), counted_tries(project))
        assert max(tries.values(), default=0) >= self.most, "a try was forgotten"
        self.most = max(tries.values(), default=0)
        if (promise := promise_in(project)) is not None:
            risk = risk_of_try(promise.confidence, promise.tries + promise.is_part)
            assert promise.plan.risk <= risk
            self.spent[promise.seed, promise.is_part] = promise.plan.risk
        assert sum(self.spent.values()) <= 0.05, "more than the risk was spent"


def a_life(chance: Random, place: Path) -> None:
    life = Life(chance, place)
    for _ in range(chance.randint(8, 20)):
        with suppress(UsageError):
            life.step()
        life.judge()


def a_file_that_counts_is_hostile(chance: Random, place: Path) -> None:
    """In the folder of a run, which may be a stranger's, and in the data folder."""
    run, precious = place / "run", place / "precious"
    run.mkdir()
    precious.write_bytes(b"mine")
    digest = f"{chance.getrandbits(256):064x}"
    manifest = Manifest(("/a",), "/a", 10**7, 2000, digest, "model", "1", 3, "2", "2026-11-26")
    write_manifest(run, manifest)
    file = run / TRIES_NAME
    match chance.randrange(7):
        case 0:
            file.symlink_to(precious)
        case 1:
            os.mkfifo(file)
        case 2:
            file.mkdir()
        case 3:
            file.symlink_to("/dev/zero")
        case 4:
            file.write_bytes(chance.randbytes(200))
        case 5:
            file.write_text("[" * 100_000)
        case _:
            file.write_text(json.dumps([[1, chance.choice([-1, 10**9, "a", None, 1.5])]]))
    before = file.lstat()
    for number in (1, 2):
        folder = sampled(300, seed=number)
        folder.project.sample = replace(folder.project.sample, folder=str(run), run=digest)
        step, why = begin_counted(folder.project, folder.now, 0.9)
        assert step.promise.tries == number
        assert why is not None
    assert precious.read_bytes() == b"mine"
    assert (file.lstat().st_ino, file.lstat().st_size) == (before.st_ino, before.st_size)


# ---- forging a project


def forged(chance: Random, place: Path) -> None:
    """Make a given promise easier in its file: it is no project any more, or keeps nothing."""
    folder = Folder(400)
    begun(folder, 0.5)
    folder.check(next_page(folder.project, 5))
    begun(folder, 0.98)
    folder.keep()
    path = place / "a.nameplate"
    store.close(store.create(path, folder.project))
    with closing(store.open_file(path)) as db:
        assert kept_promise(store.load(db, path)) is not None
    with closing(sqlite3.connect(path)) as db, db:
        (text,) = db.execute("SELECT value FROM facts WHERE name = 'promise'").fetchone()
        promise = json.loads(text)
        for _ in range(chance.randint(1, 3)):
            field = chance.choice(["tries", "looks", "allowed", "risk", "given_at", "seed",
                                   "is_corrected", "population", "target"])  # fmt: skip
            promise[field] = {
                "tries": 1,
                "looks": sorted(chance.sample(range(1, 30), 3)),
                "allowed": chance.choice([*range(8), *range(9, 400)]),
                "risk": chance.choice([0.0375, 0.05, 0.99]),
                "given_at": promise["begun_at"] - 1,
                "seed": chance.randrange(2**53),
                "is_corrected": False,
                "population": 4000,
                "target": chance.choice([0.985, 0.99, 0.999]),
            }[field]
        db.execute("UPDATE facts SET value = ? WHERE name = 'promise'", (json.dumps(promise),))
    with suppress(store.ProjectError):
        with closing(store.open_file(path)) as db:
            project = store.load(db, path)
        assert kept_promise(project) is None


# ---- replacing


def changed(chance: Random, path: Path) -> None:
    """Change some bytes of a file, add some, or take some away."""
    content = bytearray(path.read_bytes())
    before, place = bytes(content), chance.randrange(len(content))
    match chance.randrange(4):
        case 0:
            content[place] ^= chance.randrange(1, 256)
        case 1:
            content[place:place] = chance.randbytes(chance.randint(1, 9))
        case 2:
            del content[place : place + chance.randint(1, 9)]
        case _:
            lines = before.splitlines(keepends=True)
            content = bytearray(b"".join(lines[: chance.randrange(len(lines))]))
    path.write_bytes(bytes(content))
    assert bytes(content) != before


def labels_replaced(chance: Random, place: Path) -> None:
    folder = certified(chance, place)
    name, kind = chance.choice([("a.csv", "csv"), ("a.jsonl", "jsonl")])
    certificate = exported(folder, place / name, kind)
    assert certificate is not None
    assert is_fit(certificate, place / "pictures")
    whole = (place / name).read_bytes()
    if chance.random() < 0.5:
        changed(chance, place / name)
        assert not is_fit(certificate)
        (place / name).write_bytes(whole)
        assert is_fit(certificate)
    else:
        Output(place / name, LABELS, overwrite=True).write_bytes(b"path,label\n")
        assert not certificate.exists()


def certificate_changed(chance: Random, place: Path) -> None:
    folder = certified(chance, place)
    certificate = exported(folder, place / "a.csv")
    assert certificate is not None
    if chance.random() < 0.3:  # that of other labels
        other = exported(folder, place / "b.csv", absolute_paths=True)
        assert other is not None
        shutil.copyfile(other, certificate)
    else:
        changed(chance, certificate)
    try:
        assert not is_fit(certificate)
    except UsageError as error:
        assert error.message.code == "no-certificate"  # noqa: PT017


def pictures_replaced(chance: Random, place: Path) -> None:
    folder = certified(chance, place)
    certificate = exported(folder, place / "a.csv")
    assert certificate is not None
    file = place / "pictures" / f"{chance.randrange(PICTURES):05}.jpg"
    content = file.read_bytes()
    match chance.randrange(3):
        case 0:
            changed(chance, file)
        case 1:
            file.unlink()
        case _:
            other = place / "pictures" / f"{(int(file.stem) + 1) % PICTURES:05}.jpg"
            shutil.copyfile(other, file)
    assert not is_fit(certificate, place / "pictures")
    assert is_fit(certificate)
    file.write_bytes(content)
    assert is_fit(certificate, place / "pictures")
    row = int(np.flatnonzero(folder.project.labels.decided_by != 0)[0])
    keys = contents_of(["f" * 32 + "-3"])
    folder.project.record_contents(np.array([row]), keys)
    assert exported(folder, place / "b.csv") is None


def folder_changed(chance: Random, place: Path) -> None:
    folder = certified(chance, place)
    certificate = exported(folder, place / "out", "folders")
    assert certificate is not None
    assert is_fit(certificate)
    files = sorted(path for path in (place / "out").rglob("*") if path.is_file())
    file = chance.choice(files)
    content = file.read_bytes()
    match chance.randrange(5):
        case 0:
            changed(chance, file)
        case 1:
            file.rename(file.with_name("other.jpg"))
        case 2:
            file.with_name("more.jpg").write_bytes(content)
        case 3:
            file.unlink()
            file.symlink_to(place / "pictures")
        case _:
            file.unlink()
            os.mkfifo(file)
    assert not is_fit(certificate)


def a_part_delivered(chance: Random, place: Path) -> None:
    """Fewer labels than were promised, or other ones, have no certificate."""
    folder = certified(chance, place)
    assert exported(folder, place / "a.csv") is not None
    match chance.randrange(3):
        case 0:
            assert exported(folder, place / "a.csv", which=Which.DECIDED) is None
        case 1:
            chance.choice(sorted((place / "pictures").iterdir())).unlink()
            assert exported(folder, place / "out", "folders") is None
        case _:
            decide_some(folder)
            folder.opened.do(RemoveImages(folder.project.images.ids[[chance.randrange(PICTURES)]]))
            assert exported(folder, place / "a.csv") is None
            assert not (place / f"a.csv{CERTIFICATE_ENDING}").exists()


def _at_home(attack: Callable[[Random, Path], None]) -> Callable[[Random, Path], None]:
    """Let nothing count that another case did."""

    def run(chance: Random, place: Path) -> None:
        shutil.rmtree(tries_folder(), ignore_errors=True)
        attack(chance, place)

    return run


ATTACKS = {
    attack.__name__.replace("_", " "): _at_home(attack)
    for attack in (
        a_life,
        a_file_that_counts_is_hostile,
        forged,
        labels_replaced,
        certificate_changed,
        pictures_replaced,
        folder_changed,
        a_part_delivered,
    )
}
