"""What an export says of pictures that a learned classifier has judged."""

from dataclasses import replace

import numpy as np

from nameplate.pipeline.learning.probe import Probe
from nameplate.scoring.score_matrix import score_matrix
from project_help import around_axes


def test_the_runner_up_is_the_most_probable_of_the_others_by_what_was_learned():
    opened = around_axes(30)
    learned = Probe(
        opened.suggestions.classifier,
        vectors=np.roll(np.eye(3, dtype=np.float32) * 12, 1, axis=1),
        described=np.empty((0, 0), np.float32),
        bias=np.zeros(3, np.float32),
        scale=0.1,
        decisions="",
    )
    vectors = opened.project.images.vectors_of(np.arange(30))
    export = replace(
        opened.export(), classifier=learned, scores=score_matrix([vectors], learned.weights)
    )
    places = [concept.name for concept in export.scored]
    for row in export.exported(all_scores=True):
        others = dict(zip(places, row.all_probabilities, strict=True))
        others.pop(row.best or row.labels[0])
        assert row.runner_up == max(others, key=others.__getitem__)
        assert row.runner_up_probability == others[row.runner_up]
