"""Precision and recall of copies and bursts made from real photos, with any model.

NAMEPLATE_LABELLED=DIR[:DIR] pytest -m perf -s tests/features/stacks/test_measured.py

Each DIR has a folder for each name. NAMEPLATE_PERF_MODEL names a model folder (default: starter);
NAMEPLATE_PERF_SAVED a folder to keep edits and embeddings in for the next time. Beside the rule it
prints by which cosine of the model alone 0.99 of the pairs would be right, and what that finds.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.embeddings import Vectors, unit
from nameplate.domain.images import CONTENT, UNKNOWN, ImageTable
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import Stacks
from nameplate.inference.model import load_model
from nameplate.pipeline.reading.collection import embed_all
from nameplate.pipeline.stacks.finding import ToStack, look_for_stacks
from nameplate.scoring.whitening import in_blocks
from nameplate.storage.resources import starter_model
from perf.measuring import Report
from perf.photo_sets import EDITS, photos, write_bursts, write_edits

pytestmark = pytest.mark.perf

LABELLED = [Path(p) for p in os.environ.get("NAMEPLATE_LABELLED", "").split(os.pathsep) if p]
MODEL = Path(os.environ.get("NAMEPLATE_PERF_MODEL", starter_model() or ""))
PRECISION = 0.99


def embeddings_of(folder: Path, saved: Path) -> Vectors:
    """Return those of the photos of a folder; read once."""
    kept = saved / f"{folder.name}.npy"
    if not kept.exists():
        table = ImageTable()
        table.add(photos(folder))
        cancel, model = CancelToken(), load_model(MODEL)
        embed_all(
            table, model, cache=None, cancel=cancel, on_progress=lambda _: None, on_note=print
        )
        np.save(kept, table.embeddings)
    return np.load(kept)


def stacks_of(paths: list[Path], vectors: Vectors) -> Stacks:
    """Return the stacks; that files are equal is not told, so that copies are found as such."""
    unknown = np.full(len(paths), UNKNOWN, CONTENT)
    is_there = np.ones(len(paths), np.bool_)
    of = ToStack(PathList(paths), unknown, is_there, in_blocks(vectors))
    *_, found = look_for_stacks(of, CancelToken())
    return found


def rates(numbers: np.ndarray, truth: np.ndarray) -> tuple[float, float, int]:
    """Return precision, recall and the number of wrong pairs of images that are in one stack."""
    one, other = np.triu_indices(len(truth), 1)
    said = (numbers[one] == numbers[other]) & (numbers[one] >= 0)
    true = truth[one] == truth[other]
    right = int((said & true).sum())
    return right / max(1, int(said.sum())), right / int(true.sum()), int(said.sum()) - right


def by_cosine(vectors: Vectors, truth: np.ndarray) -> tuple[float, float]:
    """Return the cosine from which `PRECISION` of the pairs are right, and the recall of that."""
    one, other = np.triu_indices(len(truth), 1)
    cosines = (vectors @ vectors.T)[one, other]
    order = np.argsort(-cosines, kind="stable")
    right = np.cumsum(truth[one[order]] == truth[other[order]])
    good = np.flatnonzero(right >= PRECISION * np.arange(1, len(order) + 1))
    if not len(good):
        return 1.0, 0.0
    return float(cosines[order[good[-1]]]), float(right[good[-1]] / right[-1])


def other_models(vectors: Vectors) -> dict[str, Vectors]:
    """Return vectors as quite other models could give for the same photos."""
    rng, size = np.random.default_rng(0), vectors.shape[1]
    away = 3 * np.linalg.norm(vectors.mean(axis=0)) * unit(rng.standard_normal((1, size)))
    uneven = vectors * rng.lognormal(0, 1, size)
    centred = unit(vectors - vectors.mean(axis=0))
    made = {"64 numbers": vectors[:, :64], "narrow": vectors + away, "uneven": uneven}
    made = {"": vectors, "centred": centred, **{k: unit(v) for k, v in made.items()}}
    return {name: np.ascontiguousarray(one, np.float32) for name, one in made.items()}


def stems(paths: list[Path]) -> np.ndarray:
    """Return a number for what each photo was made from."""
    texts = [f"{path.parent.name}/{path.stem.split('~')[0]}" for path in paths]
    return np.unique(texts, return_inverse=True)[1]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("NAMEPLATE_PERF_SAVED", tmp_path))
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.skipif(not LABELLED, reason="NAMEPLATE_LABELLED names no folder")
@pytest.mark.parametrize("source", LABELLED, ids=lambda path: path.name)
def test_copies_made_by_one_edit_each(source: Path, saved: Path, capsys) -> None:
    report = Report(capsys, f"{source.name}: precision, recall, wrong; cosine alone, its recall")
    originals, first = photos(source), embeddings_of(source, saved)
    for edit in EDITS:
        target = saved / f"{source.name}-{edit}"
        if not target.exists():
            write_edits(source, target, edit)
        paths, more = [*originals, *photos(target)], embeddings_of(target, saved)
        truth = stems(paths)
        for name, vectors in other_models(np.concatenate([first, more])).items():
            good, found, wrong = rates(stacks_of(paths, vectors).numbers, truth)
            least, alone = by_cosine(vectors, truth)
            report.row(
                f"{edit} {name}", f"{good:.3f} {found:.3f} {wrong:4} {least:8.3f} {alone:.3f}"
            )


@pytest.mark.skipif(not LABELLED, reason="NAMEPLATE_LABELLED names no folder")
@pytest.mark.parametrize("source", LABELLED, ids=lambda path: path.name)
def test_bursts(source: Path, saved: Path, capsys) -> None:
    report = Report(capsys, f"{source.name}, bursts: precision, recall, wrong pairs")
    target = saved / f"{source.name}-bursts"
    if not target.exists():
        write_bursts(source, target)
    paths, all_vectors = photos(target), embeddings_of(target, saved)
    for name, vectors in other_models(all_vectors).items():
        stacks = stacks_of(paths, vectors)
        good, found, wrong = rates(stacks.numbers, stems(paths))
        report.row(name or "the model", f"{good:.3f} {found:.3f} {wrong:4}")
