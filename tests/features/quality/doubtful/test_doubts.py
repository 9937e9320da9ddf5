"""How doubtful labels are, of pictures that are points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nameplate.cli.progress import result_of
from nameplate.domain.progress import NEVER, CancelledError, CancelToken
from nameplate.features.quality.doubtful import doubts
from nameplate.features.quality.doubtful.doubts import MOST_LABELS, Labelled
from nameplate.scoring.scores import log_softmax


def doubts_of(of, cancel=NEVER, tell=lambda share: None):
    return result_of(doubts.doubts_of(of, cancel), tell)


def clusters(each=12, labels=4, size=8, spread=0.1, seed=0):
    """Return points around a corner for each label, and the labels."""
    given = np.repeat(np.arange(labels), each)
    rng = np.random.default_rng(seed)
    corners = np.linalg.qr(rng.standard_normal((max(size, labels), size)).T)[0].T[:labels]
    corners = corners if len(corners) == labels else rng.standard_normal((labels, size))
    points = corners[given] + rng.normal(0, spread, (len(given), size))
    return (points / np.sqrt((points**2).sum(axis=1).mean())).astype(np.float32), given


def labelled(points, labels, names=None, copies=None):
    copies = np.arange(len(labels)) if copies is None else copies
    return Labelled(points, labels, int(labels.max()) + 1, copies, names)


def with_wrong(labels, *places):
    wrong = labels.copy()
    wrong[list(places)] = (wrong[list(places)] + 1) % (labels.max() + 1)
    return wrong


def most_doubtful(found, count):
    return set(np.argsort(-found.wrong, kind="stable")[:count].tolist())


def names_for(labels, sharpness=6.0):
    """Return what names say that know each picture."""
    return log_softmax(sharpness * np.eye(int(labels.max()) + 1)[labels], np.float32)


def noise_for(labels):
    shape = (len(labels), int(labels.max()) + 1)
    return log_softmax(3 * np.random.default_rng(1).standard_normal(shape), np.float32)


PLANTED = (3, 17, 30, 44)


def test_wrong_labels_among_clear_pictures_come_first_and_the_others_are_hardly_doubted():
    points, labels = clusters()
    found = doubts_of(labelled(points, with_wrong(labels, *PLANTED)))
    assert most_doubtful(found, len(PLANTED)) == set(PLANTED)
    assert found.wrong[list(PLANTED)].min() > 0.5
    assert np.delete(found.wrong, PLANTED).max() < 0.1


def test_what_each_picture_shows_is_told_for_wrong_labels_too():
    points, labels = clusters()
    found = doubts_of(labelled(points, with_wrong(labels, *PLANTED)))
    assert found.logs.argmax(axis=1).tolist() == labels.tolist()
    np.testing.assert_allclose(np.exp(found.logs).sum(axis=1), 1, rtol=1e-4)


def test_names_that_say_nothing_do_no_harm():
    points, labels = clusters()
    found = doubts_of(labelled(points, with_wrong(labels, *PLANTED), noise_for(labels)))
    assert most_doubtful(found, len(PLANTED)) == set(PLANTED)


def test_good_names_find_wrong_labels_of_pictures_that_look_alike():
    _, labels = clusters()
    points = np.random.default_rng(2).standard_normal((len(labels), 8)).astype(np.float32)
    found = doubts_of(labelled(points, with_wrong(labels, *PLANTED), names_for(labels)))
    assert most_doubtful(found, len(PLANTED)) == set(PLANTED)


def test_a_copy_with_another_label_makes_both_more_doubtful_and_one_with_the_same_less():
    points, labels = clusters(spread=0.25)
    points[1] = points[0]
    alone = np.arange(len(labels))
    copies = np.maximum(alone - 1, 0)
    apart = with_wrong(labels, 1)
    doubts = {
        (one is apart, is_known): doubts_of(
            labelled(points, one, None, copies if is_known else alone)
        ).wrong[:2]
        for one in (labels, apart)
        for is_known in (True, False)
    }
    assert doubts[True, True].sum() > doubts[False, True].sum() + 0.5
    assert doubts[True, True][1] > 0.5  # the others of its label say which of the two it is
    assert (doubts[False, True] <= doubts[False, False] + 1e-6).all()


def test_labels_that_are_right_are_doubted_as_much_as_they_would_be_if_none_were_wrong():
    points, labels = clusters(each=30, spread=0.25)
    found = doubts_of(labelled(points, labels))
    assert found.wrong.sum() == pytest.approx(found.if_right, abs=2)
    wrong = doubts_of(labelled(points, with_wrong(labels, *range(0, 120, 10))))
    assert wrong.wrong.sum() > wrong.if_right + 5


def test_a_label_that_no_other_picture_has_is_no_failure():
    points, labels = clusters(each=1, labels=6, size=8)
    found = doubts_of(labelled(points, labels))
    assert np.isfinite(found.wrong).all()
    points, labels = clusters()
    labels[0] = labels.max() + 1
    assert np.isfinite(doubts_of(labelled(points, labels)).wrong).all()


def test_many_labels_of_few_pictures_are_judged_by_their_means():
    labels = 5 * MOST_LABELS
    points, given_labels = clusters(each=3, labels=labels, size=16, spread=0.02)
    found = doubts_of(labelled(points, with_wrong(given_labels, *PLANTED)))
    assert most_doubtful(found, len(PLANTED)) == set(PLANTED)


def test_it_stops_when_it_is_cancelled():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        doubts_of(labelled(*clusters()), cancel)


@st.composite
def any_labelled(draw):
    count, labels = draw(st.integers(2, 24)), draw(st.integers(2, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    points = rng.standard_normal((count, draw(st.integers(1, 4)))).astype(np.float32)
    if draw(st.booleans()):
        points[:] = points[0]  # all alike
    names = log_softmax(
        rng.standard_normal((count, labels)) * draw(st.sampled_from([0, 1, 300])), np.float32
    )
    copies = np.unique(rng.integers(0, count, count), return_inverse=True)[1]
    copies = copies if copies.any() and draw(st.booleans()) else np.arange(count)
    has_names = draw(st.booleans())
    return Labelled(
        points, rng.integers(0, labels, count), labels, copies, names if has_names else None
    )


@settings(max_examples=15)
@given(any_labelled())
def test_doubts_are_probabilities_and_the_same_each_time(of):
    found, again = doubts_of(of), doubts_of(of)
    assert np.isfinite(found.wrong).all()
    assert ((found.wrong >= 0) & (found.wrong <= 1)).all()
    assert 0 <= found.if_right <= len(of.given) * (1 + 1e-6)
    np.testing.assert_array_equal(found.wrong, again.wrong)
    assert not np.isnan(found.logs).any()


def test_sure_names_that_are_often_wrong_make_no_label_doubtful():
    points, labels = clusters(each=20, labels=5, size=12, spread=0.8)
    said = 12 * np.eye(5)[labels] + 8 * np.random.default_rng(3).standard_normal((100, 5))
    found = doubts_of(labelled(points, labels, log_softmax(said, np.float32)))
    assert found.wrong.sum() < 1.2 * found.if_right < 2
