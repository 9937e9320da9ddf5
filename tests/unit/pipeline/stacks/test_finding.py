"""Stacks among the files of a folder: equal files, copies by model and pixels, bursts by time."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nameplate.domain.embeddings import unit
from nameplate.domain.images import CONTENT, UNKNOWN
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.domain.stacks import StackKind, Stacks
from nameplate.imaging import pictures
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.pipeline.stacks.finding import ToStack, look_for_stacks
from nameplate.pipeline.stacks.small import SmallPictures
from nameplate.scoring.whitening import in_blocks

MANY = 80


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Pictures of shapes, the last three of which are copies of the first in other sizes."""
    folder, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    paths = [folder / f"{number:03}.png" for number in range(MANY)]
    for path in paths:
        blocks = Image.fromarray(rng.integers(0, 256, (5, 6, 3), np.uint8))
        blocks.resize((60, 50), Image.Resampling.BICUBIC).save(path)
    for path, size in zip(paths[-3:], ((40, 33), (54, 45), (30, 25)), strict=True):
        Image.open(paths[0]).resize(size).save(path)
    return paths


@pytest.fixture
def vectors():
    """Embeddings: those of the copies are near one another."""
    rng = np.random.default_rng(1)
    found = unit(rng.standard_normal((MANY, 64)).astype(np.float32))
    found[-3:] = unit(found[0] + 0.02 * rng.standard_normal((3, 64)).astype(np.float32))
    return found


def to_stack(files, vectors, contents=None) -> ToStack:
    known = np.full(len(files), UNKNOWN, CONTENT) if contents is None else contents
    is_there = np.ones(len(files), np.bool_)
    return ToStack(PathList(files), known, is_there, in_blocks(vectors))


def stacks_of(files, vectors, contents=None) -> Stacks:
    *_, found = look_for_stacks(to_stack(files, vectors, contents), CancelToken())
    return found


COPIES = [0, MANY - 3, MANY - 2, MANY - 1]


@pytest.mark.parametrize("first", [0, MANY - 30])
def test_copies_make_one_group_and_the_others_stand_alone(files, vectors, first):
    rows = np.array([0, *range(first + 1, MANY)])  # few are compared all with all
    found = stacks_of([files[row] for row in rows], vectors[rows]).numbers
    assert rows[found >= 0].tolist() == COPIES
    assert set(found.tolist()) == {-1, 0}


def test_pictures_that_the_model_finds_alike_are_no_copies_by_that(files, vectors):
    vectors[5] = unit(vectors[6:7] + 0.001)
    found = stacks_of(files, vectors).numbers
    assert found[5] == found[6] == -1


def test_a_file_that_cannot_be_read_has_no_copies(files, vectors, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    found = stacks_of([*files[:-1], broken], vectors).numbers
    assert np.flatnonzero(found >= 0).tolist() == COPIES[:-1]


def test_progress_counts_the_pictures_that_are_worth_comparing(files, vectors):
    *told, _ = look_for_stacks(to_stack(files, vectors), CancelToken())
    (total,) = {one.total for one in told if isinstance(one, Progress)}
    assert [one.done for one in told] == list(range(1, total + 1))
    assert len(COPIES) <= total < MANY


def test_found_anew_no_picture_is_read_again_whose_content_is_known(files, vectors, monkeypatch):
    contents = np.array([(1, bytes([row]) * 16) for row in range(MANY)], CONTENT)
    of, small = to_stack(files, vectors, contents), SmallPictures()
    *_, first = look_for_stacks(of, CancelToken(), small)

    def not_again(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(pictures, "thumbnail", not_again)
    *_, again = look_for_stacks(of, CancelToken(), small)
    assert np.array_equal(again.numbers, first.numbers)


def test_a_thumbnail_that_is_kept_says_the_same_as_the_file(files, vectors, tmp_path):
    with ThumbnailCache(tmp_path / "cache", clock=lambda: 2e9) as cache:
        big = [tmp_path / f"{number}.jpg" for number in range(MANY)]
        for path, small in zip(big, files, strict=True):
            Image.open(small).resize((600, 500), Image.Resampling.BICUBIC).save(path)
            cache.thumbnail(path, 256)
        of = to_stack(big, vectors)
        *_, expected = look_for_stacks(of, CancelToken())
        *_, found = look_for_stacks(of, CancelToken(), SmallPictures(cache))
        assert cache.kept(big[0], 128) is not None
        assert cache.kept(big[0], 512) is None
    assert np.flatnonzero(found.numbers >= 0).tolist() == COPIES
    assert np.array_equal(found.numbers, expected.numbers)


def test_a_cancel_ends_it(files, vectors):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(look_for_stacks(to_stack(files, vectors), cancel))


def test_equal_files_are_a_stack_without_any_model_and_stand_for_one_among_copies(files, vectors):
    contents = np.full(MANY, UNKNOWN, CONTENT)
    contents[[0, 7, 9]] = (5, b"x" * 16)
    of = ToStack(PathList(files), contents, np.ones(MANY, np.bool_))
    *_, alone = look_for_stacks(of, CancelToken())
    assert np.flatnonzero(alone.kinds == StackKind.SAME_FILE).tolist() == [0, 7, 9]
    assert set(alone.numbers[[0, 7, 9]].tolist()) == {0}
    found = stacks_of(files, vectors, contents)
    assert np.flatnonzero(found.numbers == found.numbers[0]).tolist() == sorted([7, 9, *COPIES])
    assert found.kinds[0] == StackKind.SAME_FILE
    assert found.kinds[MANY - 1] == StackKind.COPY


@pytest.mark.parametrize("first", [0, MANY - 30])
def test_frames_taken_at_once_are_a_burst_and_other_pictures_of_that_second_are_not(
    tmp_path, vectors, first
):
    def write(number: int, seed: int, left: int, at: str) -> Path:
        blocks = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), np.uint8)
        whole = Image.fromarray(blocks).resize((130, 100), Image.Resampling.BICUBIC)
        exif = Image.Exif()
        exif.get_ifd(0x8769).update({0x9003: f"2024:05:01 10:{at}", 0x9291: "50"})
        path = tmp_path / f"{number}.jpg"
        whole.crop((left, 0, left + 100, 100)).save(path, exif=exif)
        return path

    rows = range(first, MANY)
    paths = [write(row, row, 15, f"{row // 60:02}:{row % 60:02}") for row in rows]
    again = write(MANY, MANY - 1, 22, "01:20")  # the last one, a second later, the hand moved
    later = write(MANY + 1, MANY - 1, 0, "09:00")
    frames = unit(vectors[-1] + 0.05 * np.random.default_rng(2).standard_normal((2, 64)))
    all_vectors = np.concatenate([vectors[list(rows)], frames.astype(np.float32)])
    all_vectors[:-3] = unit(np.random.default_rng(3).standard_normal((len(paths) - 1, 64)))
    found = stacks_of([*paths, again, later], all_vectors)
    burst = np.flatnonzero(found.kinds == StackKind.BURST).tolist()
    assert burst == [len(paths) - 1, len(paths)]
