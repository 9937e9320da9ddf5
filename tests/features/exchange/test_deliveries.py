"""MegaDetector: what stands in it."""

import json

import numpy as np
import pytest
from PIL import Image

from exchange_help import output_of, project_of, task_of
from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.messages import Message
from nameplate.formats.export_format import ExportOptions, ExportTask
from nameplate.formats.exported_image import Which
from nameplate.formats.import_format import ImportOptions
from nameplate.formats.registry import FORMATS, IMPORTS, import_format_of
from nameplate.pipeline.reading.batch_encoder import Failed
from nameplate.pipeline.reading.rescore import record
from nameplate.project.label_changes import label
from project_help import opened_project


@pytest.fixture
def pictures(tmp_path):
    """Three real pictures, two of them called alike."""
    root = tmp_path / "pictures"
    for name, colour in (("a/1.jpg", "red"), ("b/1.png", "green"), ("b/2.jpg", "blue")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (90, 60), colour).save(root / name)
    return root


def scored():
    """A project of four images whose first is seen as x, and decided as y."""
    opened = opened_project()
    opened.embed(0, 0)
    opened.embed(1, 1)
    opened.score()
    opened.do(label(opened.project, np.array([0]), opened.ids[1], opened.now))
    record(Failed(3, Message("is-empty")), opened.project, opened.suggestions)
    return opened


def written(opened, format_id, to, **options):
    chosen = FORMATS[format_id]
    chosen.write(ExportTask(opened.export(), ExportOptions(**options)), chosen.output(to))


# ---- MegaDetector


def test_megadetector_gets_a_whole_picture_with_its_label(tmp_path):
    written(scored(), "megadetector", tmp_path / "md.json", which=Which.LABELS)
    found = json.loads((tmp_path / "md.json").read_text())
    assert found["info"] == {
        "format_version": "1.6",
        "detector": "whole picture",
        "classifier": "m",
    }
    assert found["classification_categories"] == {"0": "x", "1": "y", "2": "z"}
    own = found["images"][0].pop("nameplate")
    assert (own["labels"], own["decided_by"], own["state"]) == (["y"], "person", "corrected")
    assert found["images"][0] == {
        "file": "0.jpg",
        "detections": [
            {
                "category": "1",
                "conf": 1.0,
                "bbox": [0.0, 0.0, 1.0, 1.0],
                "classifications": [["1", 1.0]],
            }
        ],
    }
    written(scored(), "megadetector", tmp_path / "all.json")
    found = json.loads((tmp_path / "all.json").read_text())
    assert found["images"][3] == {"file": "3.jpg", "detections": None, "failure": "empty file"}


def test_megadetector_gets_all_probabilities_the_highest_first(tmp_path):
    written(scored(), "megadetector", tmp_path / "md.json", all_scores=True)
    images = json.loads((tmp_path / "md.json").read_text())["images"]
    classes = images[1]["detections"][0]["classifications"]
    assert classes[0][0] == "1"
    assert sum(number for _, number in classes) == pytest.approx(1, abs=1e-5)
    decided = images[0]["detections"][0]["classifications"]
    assert [code for code, _ in decided][:2] == ["1", "0"]


def test_a_file_that_is_there_is_replaced_only_where_the_person_says_so(tmp_path):
    written(scored(), "megadetector", tmp_path / "md.json")
    with pytest.raises(OutputError, match="must-not-replace"):
        written(scored(), "megadetector", tmp_path / "md.json")


# ---- all


def test_files_are_whole_or_not_there(pictures, tmp_path):
    project = project_of({pictures / "a/1.jpg": ["dog"]})
    chosen = FORMATS["megadetector"]
    for place in (pictures / "a/1.jpg", pictures / "x.jpg", tmp_path):
        with pytest.raises(OutputError):
            chosen.write(task_of(project), output_of(project, chosen, place))
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["1.jpg", "1.png", "2.jpg"]


def test_boxes_that_megadetector_found_itself_become_automatic_labels(tmp_path):
    box = {"category": "1", "conf": 0.9, "bbox": [0, 0, 1, 1]}
    named = box | {"conf": 0.8, "classifications": [["7", 0.6], ["8", 0.4]]}
    images = [
        {"file": "a.jpg", "detections": [box, named, box | {"conf": 0.1, "category": "2"}]},
        {"file": "b.jpg", "detections": None, "failure": "no image"},
        {"file": 5},
        "c.jpg",
    ]
    values = {
        "images": images,
        "detection_categories": {"1": "animal", "2": "person"},
        "classification_categories": {"7": "fox", "8": "dog"},
        "info": {"format_version": "1.4"},
    }
    (tmp_path / "md.json").write_text(json.dumps(values))
    assert import_format_of(tmp_path / "md.json").id == "megadetector"
    first, second, *wrong = IMPORTS["megadetector"].read(tmp_path / "md.json", ImportOptions())
    assert (first.labels, first.decided_by, first.probability) == (("animal", "fox"), "auto", 0.9)
    assert second.labels == ()
    assert [one.reason.code for one in wrong] == ["json-without-path-or-label", "no-json-object"]


NO_MEGADETECTOR = ("{", "[]", "{}", '{"images": 5}', '{"images": [[[["')


@pytest.mark.parametrize("content", NO_MEGADETECTOR)
def test_what_another_program_never_wrote_is_refused(tmp_path, content):
    (tmp_path / "labels.json").write_text(content)
    with pytest.raises(UsageError, match="no-megadetector"):
        list(IMPORTS["megadetector"].read(tmp_path / "labels.json", ImportOptions()))
