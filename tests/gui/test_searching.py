"""Searching: pictures in the order of how much they are like a sentence or other pictures."""

import numpy as np


def scores(window):
    return [window.likeness_of(picture) for picture in window.pictures()]


def search(window, line):
    window.type_filter(line)
    window.press("Return")
    window.wait_until_arranged()


def test_a_sentence_puts_the_pictures_that_are_most_like_it_first(opened):
    search(opened, 'like:"a red car"')
    vector = opened.main.model_in_use.model.text.encode(["a red car"])[0]
    embeddings = opened.project.images.embeddings @ vector
    order = opened.main.arrangement.model.order
    assert (np.diff(embeddings[order]) <= 0).all()
    assert opened.conditions == ["Like “a red car”"]
    assert opened.order == "Likeness"
    assert scores(opened) == [round(float(score), 2) for score in embeddings[order]]
