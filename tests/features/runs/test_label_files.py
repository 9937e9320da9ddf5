"""The files of labels of a run: what was written is read, and nothing else is waited for."""

from types import SimpleNamespace

import pytest

from nameplate.domain.errors import UsageError
from nameplate.domain.prompts import TemplateSet
from nameplate.features.runs.label_shards import (
    count_labels,
    labels_file,
    made_from_of,
    write_labels,
)
from nameplate.formats.label_export import ExportedImage

arrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

CLASSIFIER = SimpleNamespace(template_set=TemplateSet("t", "T", ("{}",)))


def test_labels_with_very_many_probabilities_are_whole(tmp_path):
    names = [f"{number}".zfill(200) for number in range(4000)]
    scores = (0.25,) * len(names)
    image = ExportedImage("a.jpg", labels=("red",), score=0.5, all_probabilities=scores)
    labeller = SimpleNamespace(model="m", classifier=CLASSIFIER, names=names)
    write_labels(labels_file(tmp_path, 0), [image] * 2, labeller, "x")
    assert made_from_of(tmp_path, 0) == "x"
    assert count_labels(tmp_path, [0]).labels == {"red": 2}


def test_labels_that_are_no_text_are_damaged(tmp_path):
    image, file = ExportedImage("a.jpg", labels=("red",), score=0.5), labels_file(tmp_path, 0)
    labeller = SimpleNamespace(model="m", classifier=CLASSIFIER, names=())
    write_labels(file, [image], labeller, "x")
    table = parquet.read_table(file)
    place = table.schema.get_field_index("label")
    parquet.write_table(table.set_column(place, "label", arrow.array([b"red"])), file)
    with pytest.raises(UsageError, match="shard-damaged"):
        count_labels(tmp_path, [0])
    assert not file.exists()
