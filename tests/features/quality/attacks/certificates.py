"""Certificates: whoever tries again, goes back, copies, forges or replaces gets no false one."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from random import Random

from features.quality.quality_help import Folder
from nameplate.cli.suggesting import export_without_model
from nameplate.domain.changes import RemoveImages, SetConcepts
from nameplate.domain.concepts import add
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.quality.checks.checking import next_page
from nameplate.features.quality.facts import ATTEMPTS
from nameplate.formats.outputs.output import CERTIFICATE_ENDING
from nameplate.formats.registry import FORMATS
from nameplate.pipeline.exporting import ExportRequest, write_export
from nameplate.project.certificates import certificate_of
from nameplate.project.file import store
from nameplate.project.random_check import RandomCheck
from nameplate.scoring.at_any_time import risk_of_attempt

LABELS = 150


def exported(folder: Folder, path: Path) -> Path | None:
    """Export, and return the certificate; None where there is none."""
    request = ExportRequest(FORMATS["csv"], path=path, overwrite=path.exists())
    write_export(export_without_model(folder.project), request, None, CancelToken())
    certificate = path.with_name(f"{path.name}{CERTIFICATE_ENDING}")
    return certificate if certificate.exists() else None


class Life:
    """The life of a project, and of its copies, in which somebody wants a certificate."""

    def __init__(self, chance: Random, place: Path) -> None:
        self.chance, self.place = chance, place
        self.folder = Folder(LABELS, chance.sample(range(LABELS), chance.choice([0, 4, 9, 30])))
        self.folder.project.identity = f"{chance.getrandbits(128):032x}"
        self.first = len(self.folder.project.history.done)  # before it there are no labels
        self.spent = dict[str, float]()
        self.files = 0

    def new(self, ending: str) -> Path:
        self.files += 1
        return self.place / f"{self.files}.{ending}"

    def copy(self) -> None:
        """Go on with a copy of the file."""
        path, copy = self.new("nameplate"), self.new("nameplate")
        self.folder.save(path)
        shutil.copyfile(path, copy)
        self.folder.go_on_with(copy)

    def step(self) -> None:  # noqa: C901 - a case each
        folder, project, chance = self.folder, self.folder.project, self.chance
        match chance.choice(
            ["begin", "page", "page", "page", "undo", "redo", "copy", "label", "remove", "name"]
        ):
            case "begin":
                folder.begin()
            case "page" if folder.check is not None and folder.why is None:
                page = next_page(project, 60, is_hidden=chance.random() < 0.2)
                if page is not None:
                    folder.check_page(page)
            case "undo":
                for _ in range(chance.randint(1, 6)):
                    if len(project.history.done) > self.first:
                        project.undo()
            case "redo":
                project.redo()
            case "copy":
                self.copy()
            case "label":
                folder.relabel(chance.randrange(LABELS), chance.choice(folder.opened.ids[:2]))
            case "remove":
                folder.opened.do(RemoveImages(project.images.ids[[chance.randrange(LABELS)]]))
            case "name":
                key = project.next_concept_id
                folder.opened.do(SetConcepts(add(project.concepts, f"n{key}", least_key=key)))
            case _:
                pass

    def judge(self) -> None:
        folder, project = self.folder, self.folder.project
        attempts = project.fact(ATTEMPTS)
        assert not self.spent.keys() - attempts.keys(), "an attempt was forgotten"
        if (check := folder.check) is not None:
            assert attempts[check.drawn] == check.attempt
            self.spent[check.drawn] = risk_of_attempt(check.attempt)
        assert sum(self.spent.values()) <= 0.05, "more than the risk was spent"


def a_life(chance: Random, place: Path) -> None:
    life = Life(chance, place)
    for _ in range(chance.randint(8, 20)):
        with suppress(UsageError):
            life.step()
        life.judge()
    certificate = exported(life.folder, life.new("csv"))
    holds = isinstance(certificate_of(life.folder.project), RandomCheck)
    assert (certificate is not None) == holds


def forged(chance: Random, place: Path) -> None:
    """Make random checks better in their file: it is no project any more, or certifies nothing."""
    folder = Folder(LABELS, (3, 70))
    folder.begin()
    folder.check_page()
    folder.relabel(7, folder.opened.ids[0])
    folder.begin()
    folder.check_page()
    path = place / "a.nameplate"
    folder.save(path)
    with closing(sqlite3.connect(path)) as db, db:
        (text,) = db.execute("SELECT value FROM facts WHERE name = 'random check'").fetchone()
        check = json.loads(text)
        field = chance.choice(["attempt", "labels", "drawn", "now", "checks", "begun_at"])
        check[field] = {
            "attempt": chance.choice([0, 1, 7, "x"]),
            "labels": chance.choice([1, 4000, -1, None]),
            "drawn": f"{chance.getrandbits(128):032x}",
            "now": f"{chance.getrandbits(128):032x}",
            "checks": [[image, 0, 0] for image in range(1, 1 + chance.choice([60, 500]))],
            "begun_at": chance.choice([-1, 10**18, [], "x"]),
        }[field]
        value = json.dumps(check)
        db.execute("UPDATE facts SET value = ? WHERE name = 'random check'", (value,))
    with suppress(store.ProjectError):
        folder.go_on_with(path)
        assert not isinstance(certificate_of(folder.project), RandomCheck)
        assert exported(folder, place / "a.csv") is None


def a_part_delivered(chance: Random, place: Path) -> None:
    """Other labels than were checked have no certificate, and the earlier one goes."""
    folder = Folder(LABELS)
    folder.begin()
    folder.check_page()
    assert exported(folder, place / "a.csv") is not None
    if chance.random() < 0.5:
        folder.opened.do(RemoveImages(folder.project.images.ids[[chance.randrange(LABELS)]]))
    else:
        row = chance.randrange(LABELS)
        folder.relabel(row, folder.opened.ids[1 - row % 2])
    assert exported(folder, place / "a.csv") is None
    assert not (place / f"a.csv{CERTIFICATE_ENDING}").exists()


ATTACKS: dict[str, Callable[[Random, Path], None]] = {
    attack.__name__.replace("_", " "): attack for attack in (a_life, forged, a_part_delivered)
}
