"""Which image a record is about, and what an import changes."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.changes import RemoveImages, SetConcepts, Settings
from nameplate.domain.concepts import Concept
from nameplate.domain.images import CONTENT
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.records import LabelRecord
from nameplate.features.exchange.given import given_in
from nameplate.features.exchange.import_plan import PlanBuilder
from nameplate.features.exchange.importing import import_change
from nameplate.features.exchange.record_matching import UNKNOWN, ImageMatcher
from nameplate.project.project import Project
from project_help import TEST, opened_project, state_of

posix = pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")


def project_of(*paths, **contents):
    project = Project(Settings())
    project.add_images(project.to_add(map(Path, paths)))
    for row, text in enumerate(paths):
        if text in contents:
            record = np.zeros(1, CONTENT)
            record["size"], record["digest"] = len(contents[text]), digest(contents[text])
            project.record_contents(np.array([row]), record)
    return project


def digest(content):
    return np.void(hashlib.blake2b(content, digest_size=16).digest())


def find(project, path, *, folder="/elsewhere", digest_of=lambda _: None, **more):
    """Return the row that a record is about, or the code of why there is none."""
    found = ImageMatcher(project).find(LabelRecord(1, path, **more), folder, digest_of)
    return found[0] if isinstance(found, tuple) else found.code


@posix
@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("cat/1.jpg", 0),
        ("./cat/1.jpg", 0),
        ("cat\\1.jpg", 0),
        ("/data/pics/dog/1.jpg", 1),
        ("pics/dog/1.jpg", 1),
        ("dog/Kätzchen.jpg", 2),
        ("Ka\u0308tzchen.jpg", 2),
        ("/home/bob/pics/dog/1.jpg", 1),
        ("/home/bob/others/dog/1.jpg", "import-unknown-image"),
        ("1.jpg", "import-ambiguous-image"),
        ("t/1.jpg", "import-unknown-image"),
        ("train/dog/1.jpg", "import-unknown-image"),
        ("../pics/dog/1.jpg", 1),
        ("../other/dog/1.jpg", "import-unknown-image"),
        ("", "import-unknown-image"),
        ("/", "import-unknown-image"),
        ("..", "import-unknown-image"),
    ],
)
def test_images_are_found_by_paths_that_can_mean_no_other(path, row):
    project = project_of(
        "/data/pics/cat/1.jpg", "/data/pics/dog/1.jpg", "/data/pics/dog/Kätzchen.jpg"
    )
    assert find(project, path) == row


@posix
def test_a_path_may_be_relative_to_the_folder_of_its_file():
    project = project_of("/data/pics/1.jpg", "/data/more/1.jpg", "/data/more/2.jpg")
    assert find(project, "../more/1.jpg", folder="/data/tables") == 1


@posix
def test_removed_images_are_not_found_and_a_second_folder_keeps_the_paths_of_the_first():
    project = project_of("/data/a/1.jpg", "/data/a/2.jpg")
    project.add_images(project.to_add([Path("/data/b/3.jpg")]))
    assert find(project, "1.jpg") == 0
    assert find(project, "../b/3.jpg") == 2
    project.apply(RemoveImages(project.images.ids[:1]), TEST)
    assert find(project, "1.jpg") == "import-unknown-image"


@posix
def test_where_a_path_fails_the_content_tells_and_copies_only_by_their_name(tmp_path):
    project = project_of("/d/a/1.jpg", "/d/a/2.jpg", "/d/b/3.jpg", **{"/d/a/1.jpg": b"one"})
    known = {"size": 3, "digest": digest(b"one").tobytes().hex()}
    assert find(project, "moved.jpg", **known) == 0
    assert find(project, "b/3.jpg", **known) == 2  # what that holds was never read
    copies = {"/d/a/1.jpg": b"one", "/d/a/2.jpg": b"one"}
    project = project_of("/d/a/1.jpg", "/d/a/2.jpg", "/d/b/3.jpg", **copies)
    assert find(project, "moved.jpg", **known) == "import-ambiguous-image"
    assert find(project, "x/2.jpg", **known) == 1
    other = {"size": 3, "digest": "0" * 32}
    assert find(project, "a/1.jpg", **other) == "import-other-content"


@posix
def test_a_file_that_is_there_is_no_other_one_of_a_folder_of_the_same_name():
    project = project_of("/data/pics/dog/1.jpg", "/data/pics/dog/2.jpg")
    for file, row in (("/data/pics/dog/1.jpg", 0), ("/other/pics/dog/1.jpg", UNKNOWN.code)):
        assert find(project, file, file=file) == row
    assert find(project, "/other/pics/dog/1.jpg") == 0  # as a table of another computer has it


@posix
def test_a_path_that_no_system_has_takes_no_time_of_its_square():
    project = project_of("/data/pics/1.jpg", "/data/pics/2.jpg")
    assert find(project, f"/{'pics/' * 100}1.jpg") == 0
    # Minutes, if each of its places were tried.
    assert find(project, f"/{'pics/' * 500_000}1.jpg") == "import-unknown-image"


def test_a_file_is_read_only_where_an_image_has_its_size(tmp_path):
    project = project_of("/d/a/1.jpg", "/d/a/2.jpg", **{"/d/a/1.jpg": b"one"})
    asked = []

    def digest_of(file):
        asked.append(Path(file).name)
        return digest(Path(file).read_bytes()).tobytes().hex(), Path(file).stat().st_size

    for name, content in (("same", b"one"), ("as-long", b"two"), ("longer", b"three")):
        (tmp_path / name).write_bytes(content)
    files = [str(tmp_path / name) for name in ("same", "as-long", "longer", "missing")]
    rows = [find(project, "/no/x.jpg", file=file, digest_of=digest_of) for file in files]
    assert rows == [0, *["import-unknown-image"] * 3]
    assert asked == ["same", "as-long"]


def test_images_that_nobody_read_yet_are_read_where_a_content_is_looked_for(tmp_path):
    for name, content in (("1.jpg", b"one"), ("2.jpg", b"two"), ("copy", b"two")):
        (tmp_path / name).write_bytes(content)
    project = project_of(str(tmp_path / "1.jpg"), str(tmp_path / "2.jpg"), str(tmp_path / "no.jpg"))

    def digest_of(file):
        return digest(Path(file).read_bytes()).tobytes().hex(), Path(file).stat().st_size

    file = str(tmp_path / "copy")
    assert find(project, "/no/x.jpg", file=file, digest_of=digest_of) == 1


@posix
def test_a_sidecar_without_the_pictures_ending_is_found_if_one_picture_fits():
    project = project_of("/d/a/1.jpg", "/d/a/2.jpg", "/d/a/2.png")
    assert find(project, "1", any_ending=True) == 0
    assert find(project, "a/1", any_ending=True) == 0
    assert find(project, "2", any_ending=True) == "import-ambiguous-image"


def plan_of(*records):
    """Return the plan of records of images, each by its id."""
    images = sorted({image for image, _ in records})
    builder = PlanBuilder(np.array(images))
    for image, record in records:
        builder.add(images.index(image), record, by_content=False)
    return builder.finished()


def take(opened, *records, **options):
    found = import_change(opened.project, plan_of(*records), at=9, **options)
    opened.do(found.change)
    return found


def test_an_import_is_one_step_with_its_names_and_one_undo_takes_all_of_it_back():
    opened = opened_project()
    before, steps = state_of(opened.project), len(opened.project.history.done)
    found = take(opened, (1, LabelRecord(1, "", ("new", "x"))), (2, LabelRecord(2, "", ("X",))))
    assert (found.changed, found.new_names, found.makes_multi) == (2, ("new",), True)
    assert opened.project.settings.is_multi
    assert [one.name for one in opened.project.concepts] == ["x", "y", "z", "new"]
    assert opened.project.labels.members(1) == (opened.ids[0],)
    assert len(opened.project.history.done) == steps + 1
    opened.project.undo()
    assert state_of(opened.project) == before


def test_names_are_known_by_synonym_and_a_reject_name_decides_for_none():
    opened = opened_project()
    opened.do(SetConcepts((*opened.project.concepts, Concept(9, "cat", ("Kitty",)))))
    kitty, none = LabelRecord(1, "", ("kitty",)), LabelRecord(2, "", ("z",))
    take(opened, (1, kitty), (2, none), is_checked=True)
    labels = opened.project.labels
    assert labels.members(0) == (9,)
    assert labels.members(1) == ()
    assert labels.states[1] == ReviewState.CORRECTED


@pytest.mark.parametrize(
    ("by", "state", "labels", "expected"),
    [
        ("", "", ("x",), (DecidedBy.GIVEN, ReviewState.SUGGESTED)),
        ("given", "suggested", ("x",), (DecidedBy.GIVEN, ReviewState.SUGGESTED)),
        ("person", "", ("x",), (DecidedBy.PERSON, ReviewState.CORRECTED)),
        ("person", "accepted", ("x",), (DecidedBy.PERSON, ReviewState.ACCEPTED)),
        ("person", "skipped", (), (DecidedBy.PERSON, ReviewState.SKIPPED)),
        ("person", "skipped", ("x",), (DecidedBy.PERSON, ReviewState.CORRECTED)),
        ("auto", "suggested", ("x",), (DecidedBy.AUTO, ReviewState.SUGGESTED)),
        ("probe", "nonsense", ("x",), (DecidedBy.PROBE, ReviewState.SUGGESTED)),
        ("nonsense", "nonsense", ("x",), (DecidedBy.GIVEN, ReviewState.SUGGESTED)),
        ("auto", "accepted", ("x",), (DecidedBy.PERSON, ReviewState.ACCEPTED)),
    ],
)
def test_who_decided_and_the_state_come_back(by, state, labels, expected):
    opened = opened_project()
    take(opened, (1, LabelRecord(1, "", labels, by, state, model="m@1", probability=0.5)))
    label = opened.project.labels.all[0]
    assert (label["decided_by"], label["state"]) == expected
    assert opened.project.labels.models[label["model"]] == "m@1"
    assert label["probability"] == 0.5


def test_what_a_person_decided_is_left_and_counted_unless_asked_and_no_name_is_added_for_it():
    opened = opened_project()
    take(opened, (1, LabelRecord(1, "", ("x",))), is_checked=True)
    kept = take(opened, (1, LabelRecord(1, "", ("new",))), (2, LabelRecord(2, "", ("y",))))
    assert (kept.changed, kept.kept, kept.new_names) == (1, 1, ())
    same = take(opened, (1, LabelRecord(1, "", ("x",))), is_checked=True)
    assert (same.changed, same.same, same.kept) == (0, 1, 0)
    asked = take(opened, (1, LabelRecord(1, "", ("new",))), replaces=True)
    assert (asked.changed, asked.new_names) == (1, ("new",))


@pytest.mark.parametrize("is_checked", [True, False])
@pytest.mark.parametrize("name", ["x", "z"])
def test_an_automatic_label_of_a_file_never_takes_what_was_decided_or_given(name, is_checked):
    opened = opened_project()
    take(opened, (1, LabelRecord(1, "", ("y",))), is_checked=is_checked)
    before = state_of(opened.project)
    found = take(opened, (1, LabelRecord(1, "", (name,), "auto", "suggested")), replaces=True)
    assert (found.changed, found.kept) == (0, 1)
    assert state_of(opened.project) == before


def test_images_that_were_removed_meanwhile_are_left_out():
    opened = opened_project()
    plan = plan_of((1, LabelRecord(1, "", ("x",))), (2, LabelRecord(2, "", ("x",))))
    opened.do(RemoveImages(opened.project.images.ids[:1]))
    assert import_change(opened.project, plan, at=1).changed == 1


def test_what_was_given_stays_known_when_it_is_corrected_and_an_undo_forgets_it():
    opened = opened_project()
    take(opened, (1, LabelRecord(1, "", ("x",))), (2, LabelRecord(2, "", ("y",))))
    take(opened, (1, LabelRecord(1, "", ("y",), "person")))
    x, y, _ = opened.ids
    sets = opened.project.labels.sets

    def given():
        codes = given_in(opened.project).of(opened.project.images.ids[:3])
        return [sets.members(code) for code in codes.tolist()]

    assert opened.project.labels.members(0) == (y,)
    assert given() == [(x,), (y,), ()]
    take(opened, (1, LabelRecord(1, "", ("y",))))  # another file
    assert given() == [(y,), (y,), ()]
    for _ in range(3):
        opened.project.undo()
    assert given() == [(), (), ()]


def test_a_label_that_is_no_unicode_becomes_a_name_that_is():
    plan = plan_of((1, LabelRecord(1, "a", ("a\ud800",))))
    assert list(plan.names) == ["a\\ud800"]


def test_two_labels_for_one_image_are_a_conflict_and_neither_is_taken():
    plan = plan_of(
        (1, LabelRecord(1, "a", ("x",))),
        (1, LabelRecord(2, "a", ("y",))),
        (1, LabelRecord(3, "a", ("x",))),
    )
    assert len(plan.ids) == 0
    assert [one.row for one in plan.problems] == [2, 3]


def test_of_two_records_of_one_label_the_one_of_a_person_counts():
    by_person = 1, LabelRecord(1, "a", ("x",), "person", "accepted")
    by_model = 1, LabelRecord(2, "a", ("x",), "auto")
    for records in ((by_person, by_model), (by_model, by_person)):
        (label,) = plan_of(*records).labels
        assert (label["decided_by"], label["state"]) == (DecidedBy.PERSON, ReviewState.ACCEPTED)


@pytest.mark.parametrize("number", [-0.1, 1.5, 1e200, float("inf")])
def test_neither_a_number_that_is_no_probability_is_taken_nor_a_time_that_no_calendar_has(number):
    opened = opened_project()
    take(opened, (1, LabelRecord(1, "", ("x",), probability=number, decided_at=2**61)))
    label = opened.project.labels.all[0]
    assert np.isnan(label["probability"])
    assert label["decided_at"] == 9  # the time of the import


@posix
def test_a_path_that_is_one_image_in_the_project_and_another_beside_the_file_is_neither():
    project = project_of("/data/pics/1.jpg", "/data/pics/in/1.jpg")
    assert find(project, "1.jpg", folder="/data/pics/in") == "import-ambiguous-image"
    assert find(project, "1.jpg", folder="/data/pics") == 0
    assert find(project, "in/1.jpg", folder="/data/pics/in") == 1


def test_a_file_of_countless_models_gives_the_project_a_few():
    opened = opened_project()
    before = len(opened.project.labels.models)
    opened.add_images(*(f"/more/{number}.jpg" for number in range(3000)))
    ids = opened.project.images.ids.tolist()
    for file in ("first", "second"):
        models = (f"{file} {image}" for image in ids)
        take(
            opened,
            *((i, LabelRecord(i, "", ("x",), model=m)) for i, m in zip(ids, models, strict=True)),
        )
    assert len(opened.project.labels.models) <= before + 400
