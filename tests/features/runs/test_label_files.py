"""The files of labels of a run: what was written is read, and nothing else is waited for."""

from types import SimpleNamespace

import pytest

from nameplate.features.runs.labels import LabelCounts, labels_file, made_from_of, write_labels
from nameplate.formats.label_export import ExportedImage

pytest.importorskip("pyarrow")


def test_labels_with_very_many_probabilities_are_whole(tmp_path):
    names = [f"{number}".zfill(200) for number in range(4000)]
    scores = (0.25,) * len(names)
    image = ExportedImage("a.jpg", labels=("red",), score=0.5, all_probabilities=scores)
    labeller = SimpleNamespace(model="m", templates="t", names=names)
    write_labels(labels_file(tmp_path, 0), [image] * 2, labeller, "x")
    assert made_from_of(tmp_path, 0, len(names)) == "x"
    counts = LabelCounts()
    counts.add_shard(tmp_path, 0, len(names))
    assert counts.labels == {"red": 2}
