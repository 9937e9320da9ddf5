import csv
import json
from pathlib import PurePath

import numpy as np
import pytest

from nameplate.cli.main import run
from nameplate.domain.filtering.chosen import Like
from nameplate.domain.filtering.filters import Filter
from nameplate.domain.images import ImageTable
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.models.loading import load
from nameplate.pipeline.search.scoring import similarity_of, vectors_of_pictures


@pytest.fixture
def search(tiny_model, capsys):
    """Search, and return the exit code, what was found, and what was said."""

    def call(*arguments):
        code = run(["search", *map(str, arguments), "--model", str(tiny_model), "--json"])
        said = capsys.readouterr()
        return (
            code,
            [one["path"] for one in json.loads(said.out or "{}").get("found", [])],
            said.err,
        )

    return call


def test_a_sentence_finds_the_pictures_that_show_it(search, coloured):
    code, found, _ = search(coloured, "--text", "red", "--top", 2)
    assert code == 0
    assert set(found) == {"red/tall.jpg", "red/wide.png"}


def test_a_picture_finds_itself_first_and_then_those_like_it(search, coloured):
    code, found, _ = search(coloured, "--image", coloured / "green" / "wide.png", "--top", 2)
    assert code == 0
    assert set(found) == {"green/tall.jpg", "green/wide.png"}


def test_sentences_and_pictures_are_looked_for_together(search, coloured):
    _, found, _ = search(
        coloured, "--text", "red", "--image", coloured / "blue" / "wide.png", "--top", 4
    )
    assert {path.partition("/")[0] for path in found} == {"red", "blue"}


def test_a_sentence_and_a_picture_give_the_scores_that_they_have_in_the_window(
    coloured, tiny_model, capsys
):
    ready, picture = load(tiny_model, "cpu"), coloured / "blue" / "wide.png"
    files, cancel = sorted(coloured.rglob("*.*")), CancelToken()
    table = ImageTable(ready.model.manifest.embedding_size)
    table.add(files, np.arange(len(files)))
    table.set_embeddings(np.arange(len(files)), vectors_of_pictures(files, ready.model, cancel))
    one = {PurePath(picture): vectors_of_pictures([picture], ready.model, cancel)[0]}
    asked = Filter.of(Like("red"), Like(PurePath(picture))).terms
    shown = similarity_of(asked, table.ids, table.blocks(), one, ready, cancel).scores.tolist()
    names = [file.relative_to(coloured).as_posix() for file in files]
    both = ("--text", "red", "--image", str(picture), "--model", str(tiny_model), "--json")
    assert run(["search", str(coloured), *both]) == 0
    hits = json.loads(capsys.readouterr().out)["found"]
    scores = {one["path"]: one["score"] for one in hits}
    assert scores == pytest.approx(dict(zip(names, shown, strict=True)), abs=1e-5)


def test_what_is_found_is_written_as_a_table(search, coloured, tmp_path):
    file = tmp_path / "found.csv"
    search(coloured, "--text", "red", "--csv", file)
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["rank", "path", "score"]
    assert [row["rank"] for row in rows] == list("123456")
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert search(coloured, "--text", "blue", "--csv", file)[0] == 0  # its own kind is replaced


def test_a_picture_that_cannot_be_searched_with_is_said(search, coloured, tmp_path):
    file = tmp_path / "text.jpg"
    file.write_text("not a picture")
    code, found, said = search(coloured, "--image", file)
    assert (code, found) == (1, [])
    assert "text.jpg" in said


def test_nothing_to_search_for_is_said(search, coloured):
    code, _, said = search(coloured)
    assert code == 2
    assert "--text or --image" in said


def test_no_picture_is_replaced_by_what_is_found(search, coloured):
    file = coloured / "red" / "wide.png"
    before = file.read_bytes()
    code, _, said = search(coloured, "--text", "red", "--csv", file, "--overwrite")
    assert code == 2
    assert "wide.png" in said
    assert file.read_bytes() == before
