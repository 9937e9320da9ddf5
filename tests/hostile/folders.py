"""Attacks with a folder of files: what all of them must come to."""

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from hostile.measuring import DRIVER, LONGEST_RUN, Ran, Row, run_program, run_python

NAMES = ("--concept", "red", "--concept", "blue", "--concept", "grey")


def put_good_pictures(folder: Path, apart: Path, names: list[str]) -> None:
    """Put a picture of its own under each of `names` into `folder`, and into `apart`."""
    apart.mkdir()
    for number, name in enumerate(names):
        colour = (40 * number % 256, 255 - 30 * number % 256, 70 * number % 256)
        Image.new("RGB", (60 + number, 40), colour).save(apart / name)
        (folder / name).write_bytes((apart / name).read_bytes())


def label_folder(row: Row, folder: Path, work: Path, model: Path, most: float) -> None:
    """Label a folder: no crash, each image once, and the good ones as when they are alone.

    Args:
        row: Where problems are noted.
        folder: With hostile files and the good ones that lie in `work` / "good" too.
        work: Where results go.
        model: The tiny one.
        most: Seconds.
    """
    fixed = ("--model", model)
    done = run_program("label", folder, *NAMES, "--csv", work / "o.csv", *fixed, most=most)
    # From the cache that was filled just now: so the others are not read once more.
    good = [folder / path.name for path in (work / "good").iterdir()]
    again = run_program("embed", *good, "--npz", work / "o.npz", *fixed)
    alone = run_program("embed", work / "good", "--npz", work / "g.npz", "--no-cache", *fixed)
    problem = done.unless(0, 1) or again.unless(0) or alone.unless(0)
    problem = problem or wrong_rows(work, folder) or wrong_vectors(work)
    if problem:
        row.problems.append(f"labelling the folder: {problem}")
    row.megabytes = max(row.megabytes, done.megabytes)


def wrong_rows(work: Path, folder: Path) -> str:
    with (work / "o.csv").open(encoding="utf-8", newline="") as stream:
        counts = Counter(row["path"] for row in csv.DictReader(stream))
    expected = {path.name for path in folder.iterdir() if path.is_file()}
    twice = [name for name, count in counts.items() if count > 1]
    different = sorted(expected ^ set(counts))
    return f"twice {twice}, missing or too much {different}" if twice or different else ""


def wrong_vectors(work: Path) -> str:
    mixed, alone = (vectors_of(work / name) for name in ("o.npz", "g.npz"))
    wrong = [name for name, vector in alone.items() if mixed.get(name) != vector]
    return f"other vectors than alone: {wrong}" if wrong else ""


def vectors_of(file: Path) -> dict[str, bytes]:
    with np.load(file, allow_pickle=False) as arrays:
        rows = zip(arrays["path"].tolist(), arrays["embedding"], strict=True)
        return {name: vector.tobytes() for name, vector in rows}


def read_folder(row: Row, folder: Path, model: Path, most: float = LONGEST_RUN) -> None:
    """Note for each file of a folder how long reading it took, and whether that crashed."""
    note_each(row, run_python(DRIVER, "read", model, folder, most=most))


def note_each(row: Row, done: Ran) -> None:
    """Note what a run of the driver says of each entry of a folder."""
    lines = [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]
    ended = [line for line in lines if "seconds" in line]
    for line in ended:
        is_clean = line["reason"].isprintable() and "panicked" not in line["reason"]
        row.note(line["name"], line["seconds"], problem="" if is_clean else line["reason"])
    row.megabytes = max(row.megabytes, done.megabytes)
    if done.unless(0) or len(lines) != 2 * len(ended):
        row.note(lines[-1]["name"] if lines else "?", 0.0, problem=done.unless(0) or "no end")
