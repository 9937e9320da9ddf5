"""`nameplate evaluate` where a picture may have several labels, and over several sets."""

import json
import shutil

import pytest
from PIL import Image

from features.quality.figures.decisions import decided
from nameplate.domain.changes import Settings

NAMES = ["--concept", "red", "--concept", "green", "--concept", "blue"]
SURE = ["--multi", "--min-probability", "0.9"]


@pytest.fixture
def truth(coloured, tmp_path):
    """A picture with two names, one with a name that cannot be given, one with one."""
    file = tmp_path / "truth.csv"
    rows = ["red/wide.png,red | blue", "green/wide.png,green | mauve", "blue/wide.png,BLUE"]
    file.write_text("\n".join(["path,label", *rows]) + "\n")
    return file


def test_several_labels_are_compared_name_by_name_and_as_sets(figures, coloured, truth):
    found = figures(coloured, "--truth", truth, *NAMES, *SURE)
    assert (found["images"], found["right"], found["left_out"]) == (3, 1, 3)
    assert found["exact_match"] == pytest.approx(1 / 3)
    by_name = {one["name"]: one for one in found["concepts"]}
    assert (by_name["blue"]["images"], by_name["blue"]["recall"]) == (2, 0.5)
    assert by_name["blue"]["precision"] == 1.0
    assert by_name["red"]["average_precision"] == 1.0
    assert (by_name["mauve"]["recall"], by_name["mauve"]["average_precision"]) == (0.0, 0.0)
    assert found["truth"]["unknown_names"] == {"mauve": 1}
    assert found["mean_average_precision"] is None  # two pictures a name are too few
    assert (found["precision"], found["recall"]) == (1.0, 0.6)
    # Three pictures of which three names have probabilities; the fourth name has none.
    calibration = found["calibration"]
    assert (calibration["images"], calibration["pairs"], calibration["missing"]) == (3, 9, 97)
    assert sum(one["pairs"] for one in found["reliability"]) == 9
    assert not [one for one in found["reliability"] if "images" in one]
    assert {"accuracy", "top", "confusions", "coverage"} <= set(found["left_out_figures"])
    assert not {"accuracy", "top", "confusions", "coverage"} & set(found)


def test_the_report_says_what_is_left_out_and_has_no_table_of_confusions(
    evaluate, coloured, truth, tmp_path
):
    report = tmp_path / "r"
    _, out, _ = evaluate(coloured, "--truth", truth, *NAMES, *SURE, "--report", report)
    assert "1 of 3 pictures have exactly the right labels" in out
    page = (report / "report.html").read_text(encoding="utf-8")
    assert "Confusions" not in page
    row = page[page.index("<bdi>mauve</bdi>") :]
    assert row[: row.index("</tr>")].count("<td") == 3  # and nothing that it is mistaken for
    assert "NaN" not in page + (report / "report.json").read_text()
    assert page.count("data:image/jpeg") == 2  # the mistakes
    assert not (report / "confusion.csv").exists()
    results = json.loads((report / "report.json").read_text())["results"]
    assert results[2] == {"path": "red/wide.png", "truth": ["red", "blue"], "labels": ["red"]}


def test_with_one_label_a_picture_those_that_have_several_are_listed_and_left_out(
    evaluate, coloured, truth
):
    code, out, said = evaluate(coloured, "--truth", truth, *NAMES, "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["images"], found["truth"]["several_labels"]) == (1, 2)
    assert "2 have several labels in the truth" in said
    assert "red/wide.png" in said


def test_several_sets_in_one_call_are_judged_by_their_own_names_too(
    evaluate, figures, coloured, tmp_path
):
    warm, cold = tmp_path / "warm", tmp_path / "cold"
    for root, names in ((warm, ("red", "white")), (cold, ("green", "blue"))):
        for name in names:
            (root / name).mkdir(parents=True)
            for number in range(5):
                Image.new("RGB", (30 + number, 30), name).save(root / name / f"{number}.png")
    Image.new("RGB", (60, 30), "red").save(cold / "green" / "odd.png")
    shutil.rmtree(coloured)
    _, out, _ = evaluate(warm, cold, "--truth", "folders")
    found = figures(warm, cold, "--truth", "folders")
    first, second = found["folders"]
    assert first["accuracy_among_own_names"] == 1.0
    assert second["accuracy"] == pytest.approx(10 / 11)
    assert found["folders_mean"]["accuracy"] == pytest.approx((1 + 10 / 11) / 2)
    alone = figures(cold, "--truth", "folders")
    assert second["accuracy_among_own_names"] == alone["accuracy"]
    assert "among its own names" in out
    assert "mean" in out


def test_a_project_with_several_labels_a_picture_is_judged_so(figures, coloured, tmp_path):
    several, images = Settings(is_multi=True, minimum=0.9), sorted(coloured.rglob("*.*"))
    said = dict(zip(map(str, images), (["blue"], ["blue", "red"], []), strict=False))
    file = decided(tmp_path / "x.nameplate", images, ["red", "green", "blue"], said, several)
    found = figures(file, "--truth", "decisions")
    # Two blue pictures, of which one is said to show red, and a green one that shows nothing.
    assert (found["images"], found["right"], found["left_out"]) == (3, 1, 3)
    assert (found["learning"]["missing"], found["missing"]) == (17, 17)
