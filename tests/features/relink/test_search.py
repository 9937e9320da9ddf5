"""Pictures that were moved or renamed are found again, and labels stay on their own pictures."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.changes import Relink, Settings
from nameplate.domain.images import contents_of
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.features.relink.search import (
    FoundFiles,
    MissingImages,
    missing_ids,
    search,
    without_taken,
)
from nameplate.project.path_matching import match_names
from nameplate.project.project import Project
from nameplate.system.file_status import content_key
from project_help import opened_project


@pytest.fixture
def pictures(tmp_path):
    """A folder with pictures in two folders, each with a content of its own."""
    folder = tmp_path / "pictures"
    for name in ("cats/1.jpg", "cats/2.jpg", "dogs/1.jpg", "dogs/3.jpg"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode() * 100)
    return folder


def project_of(folder):
    """Return a project with the pictures of a folder, which were read."""
    project = Project(Settings())
    project.add_images(project.to_add(sorted(folder.rglob("*.jpg"))))
    keys = [content_key(path) for path in project.images.paths]
    project.record_contents(np.arange(len(keys)), contents_of(keys))
    return project


def missing_in(project):
    images = project.images
    return MissingImages.of(project, missing_ids(images.ids, images.paths, CancelToken()))


def found_in(project, folder):
    missing = missing_in(project)
    is_missing = np.isin(project.images.ids, missing.ids)
    taken = {
        os.path.normcase(text)
        for text, is_gone in zip(project.images.paths.texts, is_missing, strict=True)
        if not is_gone
    }
    *progress, found = search(missing, folder, taken, CancelToken())
    assert all(isinstance(one, Progress) for one in progress)
    assert isinstance(found, FoundFiles)
    return found


def contents_after(project, found):
    """Return what each image's file held before, and what it holds with its new path."""
    rows = project.images.rows_of(found.change.ids)
    before = project.images.contents[rows]
    return before, contents_of([content_key(path) for path in found.change.paths])


def test_files_that_were_deleted_are_missing_and_others_are_not(pictures):
    project = project_of(pictures)
    (pictures / "cats" / "2.jpg").unlink()
    shutil.rmtree(pictures / "dogs")
    assert [path.name for path in missing_in(project).paths] == ["2.jpg", "1.jpg", "3.jpg"]


def test_images_that_were_removed_from_the_project_are_not_missed(pictures):
    from nameplate.domain.changes import RemoveImages, Title

    project = project_of(pictures)
    shutil.rmtree(pictures)
    project.apply(RemoveImages(project.images.ids[:3]), Title("remove"))
    assert len(missing_in(project)) == 1


def test_another_picture_of_the_same_name_is_not_taken_for_it(pictures):
    project = project_of(pictures)
    cat = pictures / "cats" / "2.jpg"
    cat.rename(pictures / "tom.jpg")
    (pictures / "new").mkdir()
    (pictures / "new" / "2.jpg").write_bytes(b"quite another picture")
    found = found_in(project, pictures)
    assert found.change.paths.texts == [str(pictures / "tom.jpg")]


def test_pictures_that_swapped_their_names_keep_their_own_labels(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, names in ((old, ("a.jpg", "b.jpg")), (new, ("b.jpg", "a.jpg"))):
        folder.mkdir()
        for count, name in enumerate(names, 1):
            (folder / name).write_bytes(b"picture" * count)
    project = project_of(old)
    shutil.rmtree(old)
    found = found_in(project, new)
    before, after = contents_after(project, found)
    assert len(before) == len(found.moved) == 2
    assert (before == after).all()


def test_copies_of_one_content_are_given_out_once_each(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (folder / name).write_bytes(b"same")
    project = project_of(folder)
    new = tmp_path / "new"
    new.mkdir()
    for name in ("b.jpg", "x.jpg", "y.jpg"):
        (new / name).write_bytes(b"same")
    shutil.rmtree(folder)
    found = found_in(project, new)
    named = dict(zip(found.change.ids.tolist(), [p.name for p in found.change.paths], strict=True))
    assert len(set(named.values())) == 3
    assert named[project.images.ids[1]] == "b.jpg"


def test_files_that_are_images_of_the_project_already_are_left_to_them(pictures):
    project = project_of(pictures)
    shutil.copy(pictures / "cats" / "1.jpg", pictures / "cats" / "4.jpg")
    project.add_images(project.to_add([pictures / "cats" / "4.jpg"]))
    (pictures / "cats" / "1.jpg").unlink()
    assert not len(found_in(project, pictures).change.ids)


def test_a_search_that_is_cancelled_finds_nothing(pictures):
    project = project_of(pictures)
    (pictures / "cats" / "2.jpg").rename(pictures / "tom.jpg")
    cancel = CancelToken()
    events = search(missing_in(project), pictures, set(), cancel)
    next(events)
    cancel.cancel()
    with suppress(CancelledError):
        assert not list(events)


def test_a_stranger_of_the_same_name_and_size_is_not_taken_for_it(tmp_path):
    old, new = tmp_path / "run1", tmp_path / "run2"
    for folder, byte in ((old, b"a"), (new, b"b")):
        folder.mkdir()
        for number in range(3):
            (folder / f"{number}.jpg").write_bytes(byte * (number + 1))
    project = project_of(old)
    for number in range(3):
        (old / f"{number}.jpg").rename(tmp_path / f"moved {number}.jpg")
    found = found_in(project, tmp_path)
    before, after = contents_after(project, found)
    assert len(found.moved) == len(before) == 3
    assert (before == after).all()


def test_images_that_were_never_read_are_found_where_a_folder_moved_as_a_whole(pictures):
    project = Project(Settings())
    project.add_images(project.to_add(sorted((pictures / "cats").iterdir())))
    (pictures / "cats").rename(pictures / "felines")
    (pictures / "other").mkdir()
    found = found_in(project, pictures / "felines")
    assert len(found.moved) == 2
    (pictures / "felines" / "2.jpg").rename(pictures / "other" / "2.jpg")
    assert not found_in(project, pictures / "other").moved


@pytest.mark.parametrize(("gone", "is_found"), [(0, True), (6, False)])
def test_pictures_that_were_never_read_follow_nearly_all_others_of_their_folder(
    tmp_path, gone, is_found
):
    put(tmp_path / "clothes", *[f"{number}.jpg" for number in range(8)])
    project = project_of(tmp_path / "clothes")
    put(tmp_path / "clothes", "empty.jpg", "lost.jpg", "text.jpg")
    unread = [tmp_path / "clothes" / f"{name}.jpg" for name in ("empty", "lost", "text")]
    project.add_images(project.to_add(unread))
    (tmp_path / "clothes").rename(tmp_path / "clothes_final")
    put(tmp_path / "other", "empty.jpg", "text.jpg", "lost.jpg")  # as many folders have
    for number in range(gone):
        (tmp_path / "clothes_final" / f"{number}.jpg").unlink()
    (tmp_path / "clothes_final" / "lost.jpg").unlink()
    moved = moved_in(project, tmp_path, tmp_path)
    followed = {old: new for old, new in moved.items() if not Path(old).stem.isdigit()}
    names = ["empty.jpg", "text.jpg"] if is_found else []
    assert followed == {f"clothes/{name}": f"clothes_final/{name}" for name in names}
    assert len(moved) == 8 - gone + len(names)


def put(folder, *names, content=None):
    """Write files of these names; each has a content of its own, or that of `content` in turn."""
    for name, of in zip(names, content or names, strict=True):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(of.encode() * 100)


def moved_in(project, folder, root):
    """Return where each image that was found is now, by where it was, below `root`."""
    found = found_in(project, folder)
    pairs = [(os.path.relpath(old, root), os.path.relpath(new, root)) for old, new in found.moved]
    return {Path(old).as_posix(): Path(new).as_posix() for old, new in pairs}


NUMBERS = [f"{number}.jpg" for number in range(5)]
COPIES = [f"copy {number}.jpg" for number in range(5)]


@pytest.mark.parametrize("copies", ["a_copies", "z_copies", "wedding_final/copies"])
def test_a_renamed_folder_is_found_and_not_copies_of_its_pictures_under_other_names(
    tmp_path, copies
):
    put(tmp_path / "wedding", *NUMBERS)
    project = project_of(tmp_path / "wedding")
    (tmp_path / "wedding").rename(tmp_path / "wedding_final")
    put(tmp_path / copies, *COPIES, content=NUMBERS)
    wanted = {f"wedding/{name}": f"wedding_final/{name}" for name in NUMBERS}
    assert moved_in(project, tmp_path, tmp_path) == wanted


@pytest.mark.parametrize("few", ["a_few", "z_few", "other/wedding"])
def test_of_two_folders_that_is_taken_in_which_most_pictures_are(tmp_path, few):
    put(tmp_path / "wedding", *NUMBERS, *[f"day 2/{name}" for name in NUMBERS])
    project = project_of(tmp_path / "wedding")
    before = [p.relative_to(tmp_path / "wedding").as_posix() for p in project.images.paths]
    shutil.copytree(tmp_path / "wedding", tmp_path / "wedding_final")
    shutil.rmtree(tmp_path / "wedding")
    put(tmp_path / few, *NUMBERS[:2], f"day 2/{NUMBERS[0]}",
        content=[*NUMBERS[:2], f"day 2/{NUMBERS[0]}"])  # fmt: skip
    wanted = {f"wedding/{path}": f"wedding_final/{path}" for path in before}
    assert moved_in(project, tmp_path, tmp_path) == wanted


def test_pictures_that_two_folders_have_alike_are_left_out_and_shown(tmp_path):
    put(tmp_path / "wedding", *NUMBERS)
    project = project_of(tmp_path / "wedding")
    (tmp_path / "wedding").rename(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    found = found_in(project, tmp_path)
    assert found.moved == []
    may_be = {
        Path(old).name: {Path(file).parent.name for file in files} for old, files in found.unsure
    }
    assert may_be == {name: {"one", "two"} for name in NUMBERS}
    found = found_in(project, tmp_path / "two")
    assert len(found.moved) == len(NUMBERS)
    assert not found.unsure


def test_a_picture_alone_under_its_name_in_another_folder_does_not_draw_the_others(tmp_path):
    put(tmp_path / "cats", *NUMBERS)
    project = project_of(tmp_path / "cats")
    (tmp_path / "cats").rename(tmp_path / "felines")
    put(tmp_path / "old" / "cats", NUMBERS[0])
    moved = moved_in(project, tmp_path, tmp_path)
    assert set(map(os.path.dirname, moved.values())) == {"felines"}


PATHS = st.lists(
    st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map(
        lambda parts: "/" + "/".join(parts)
    ),
    max_size=8,
    unique=True,
)


@given(PATHS, PATHS)
def test_each_file_matches_one_image_at_most_and_has_its_name(missing, files):
    sure, unsure = match_names(missing, files)
    matches = sure | unsure
    assert len(matches) == len(sure) + len(unsure)
    assert len(set(matches.values())) == len(matches)
    for place, file in matches.items():
        assert Path(missing[place]).name == Path(files[file]).name


@given(PATHS, st.sampled_from(["/new", "/new/c", ""]))
def test_a_tree_that_moved_as_a_whole_is_matched_file_by_file(missing, root):
    sure, unsure = match_names(missing, [root + text for text in missing])
    assert sure | unsure == {place: place for place in range(len(missing))}


def test_many_images_of_the_same_names_are_told_apart_by_their_folders():
    missing = PathList(Path(f"/old/{n // 1000:03d}/{n % 1000:03d}.jpg") for n in range(20_000))
    moved = [text.replace("/old", "/a/b/new") for text in missing.texts]
    assert match_names(missing.texts, moved) == ({n: n for n in range(20_000)}, {})


def test_paths_that_other_images_have_by_now_are_not_given_again():
    project = opened_project().project
    change = Relink(project.images.ids[[2, 3]], PathList([Path("0.jpg"), Path("new.jpg")]))
    left = without_taken(project, change)
    assert left.ids.tolist() == project.images.ids[[3]].tolist()
    assert left.paths.texts == ["new.jpg"]
