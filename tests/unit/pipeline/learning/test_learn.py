from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Head, ImageVectors, unit
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.pipeline.learning import learning, regression
from nameplate.pipeline.learning.decisions import Decisions
from nameplate.pipeline.learning.fitted import Fitted, TaughtElsewhere
from nameplate.pipeline.learning.guard import LEAST_DECISIONS, sharpness_of
from nameplate.pipeline.learning.learning import Sample
from nameplate.pipeline.learning.minimise import Minimum
from nameplate.pipeline.learning.probe import Probe
from nameplate.pipeline.learning.regression import TrainingData
from nameplate.scoring import classifier as classifiers
from nameplate.scoring.zero_shot import ZeroShot

SIZE = 16


def learn(names, decisions, embeddings, *more, undecided=None, **others) -> Fitted:
    """Learn from images of a model that has no descriptors."""
    rest = None if undecided is None else ImageVectors.of(undecided)
    sample = Sample(ImageVectors.of(embeddings))
    return learning.learn(names, decisions, sample, *more, undecided=rest, **others)


def given_by(embeddings, shown, excluded, *more) -> Decisions:
    return Decisions(ImageVectors.of(embeddings), shown, excluded, *more)


def score(classifier, embeddings):
    return classifiers.score(classifier, ImageVectors.of(embeddings))


PLAIN = TemplateSet("plain", "Plain", ("{}",))


def names_of(count, *, multi=False, seed=0, rejects=()):
    concepts = tuple(Concept(k, f"name {k}", is_reject=k in rejects) for k in range(count))
    vectors = unit(np.random.default_rng(seed).normal(size=(count, SIZE)))
    return ZeroShot(concepts, vectors, PLAIN, Head("softmax", 5.0), multi)


def images_of(truth, seed=1, spread=0.6, centres=None):
    """Images around a centre for each concept, which has nothing to do with its name's vector."""
    generator = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(max(truth) + 1, SIZE))
    return unit(centres[truth] + spread * generator.normal(size=(len(truth), SIZE)))


def decisions_of(embeddings, truth, count):
    shown = np.eye(count, dtype=np.bool_)[truth]
    return given_by(embeddings, shown, ~shown)


def some(count=3, images=60, **options):
    truth = np.arange(images) % count
    embeddings = images_of(truth, **options)
    return names_of(count), decisions_of(embeddings, truth, count), embeddings, truth


def assert_names_alone(learned, names, why):
    assert learned.classifier is names
    assert not learned.evidence.is_used
    assert learned.evidence.why is not None
    assert learned.evidence.why.code == why


def test_decisions_that_names_cannot_explain_make_the_rest_right():
    names, decisions, embeddings, _ = some()
    learned = learn(names, decisions, embeddings)
    rest = np.arange(300) % 3
    images = images_of(rest, seed=5)
    assert isinstance(learned.classifier, Probe)
    right = (score(learned.classifier, images).probabilities.argmax(axis=1) == rest).mean()
    assert right > (score(names, images).probabilities.argmax(axis=1) == rest).mean() + 0.2
    assert right > 0.9
    evidence = learned.evidence
    assert evidence.decisions == 60
    assert evidence.why is None
    assert evidence.is_used
    low, high = evidence.interval
    assert low < evidence.gain < high


@pytest.mark.parametrize("multi", [False, True])
def test_what_is_learned_here_comes_upon_what_was_taught_elsewhere(multi):
    """There, concepts 0 and 1 were told apart; here all are, in another light."""
    names = names_of(4, multi=multi)
    there = np.arange(80) % 2
    centres = np.random.default_rng(99).normal(size=(4, SIZE))
    elsewhere = images_of(there, centres=centres)
    taught = learn(names, decisions_of(elsewhere, there, 4), elsewhere).classifier
    assert isinstance(taught, Probe)
    here, rest = np.arange(60) % 4, np.arange(400) % 4
    mine, images = (images_of(t, seed=n, centres=centres) for t, n in ((here, 3), (rest, 4)))
    found = learn(names, decisions_of(mine, here, 4), mine, taught=TaughtElsewhere("there", taught))
    assert found.evidence.taught_in == "there"
    assert found.evidence.is_taught_used
    assert found.evidence.is_used
    assert found.classifier.names is names

    def right(classifier):
        return (score(classifier, images).probabilities.argmax(axis=1) == rest).mean()

    assert right(found.classifier) > right(taught) > right(names)
    assert right(found.classifier) > 0.85


def test_what_was_taught_elsewhere_is_used_until_it_is_less_right_than_the_names():
    names, _, embeddings, truth = some(images=200)
    wrong = learn(names, decisions_of(embeddings, (truth + 1) % 3, 3), embeddings).classifier
    taught = TaughtElsewhere("there", wrong)
    by_names = score(names, embeddings).probabilities.argmax(axis=1) == truth
    mine = np.flatnonzero(by_names)
    theirs = score(wrong, embeddings[mine]).probabilities.argmax(axis=1)
    for as_there, count, is_used in (
        (0, 0, True),
        (0, 1, True),
        (0, 2, False),  # it has none right
        (1, 4, True),
        (1, 5, False),
        (0, 30, False),
    ):
        rows, said = mine[:count], np.append(theirs[:as_there], truth[mine[as_there:count]])
        given = decisions_of(embeddings[rows], said, 3)
        found = learn(names, given, embeddings, taught=taught)
        assert found.evidence.is_taught_used == is_used
        assert is_used == (found.classifier is wrong)


def test_decisions_about_the_first_kinds_of_a_folder_leave_names_alone_and_say_what_is_missing():
    truth = np.repeat(np.arange(4), 40)
    vectors = np.eye(4, SIZE)
    names = ZeroShot(names_of(4).concepts, vectors, PLAIN, Head("softmax", 5.0))
    noise = np.random.default_rng(3).normal(size=(160, SIZE))
    embeddings = unit(vectors[truth] + np.roll(vectors, 4, axis=1)[truth] + 0.3 * noise)
    in_order = learn(names, decisions_of(embeddings[:80], truth[:80], 4), embeddings)
    assert_names_alone(in_order, names, "names-passed-over")
    wanted = in_order.evidence.why.parameters["wanted"]
    missing = {one.parameters["name"]: one.parameters["count"] for one in wanted}
    assert missing.keys() == {"name 2", "name 3"}
    assert all(5 <= count <= 20 for count in missing.values())
    by_chance = np.random.default_rng(2).permutation(160)[:80]
    decided = decisions_of(embeddings[by_chance], truth[by_chance], 4)
    assert learn(names, decided, embeddings).evidence.why != in_order.evidence.why


def folder_order(count, kinds=5):
    """Images whose names are half right, decided kind after kind, and what is left of them."""
    truth = np.repeat(np.arange(kinds), 40)
    vectors = np.eye(kinds, SIZE)
    names = ZeroShot(names_of(kinds).concepts, vectors, PLAIN, Head("softmax", 5.0))
    noise = np.random.default_rng(3).normal(size=(len(truth), SIZE))
    embeddings = unit(vectors[truth] + np.roll(vectors, kinds, axis=1)[truth] + 0.4 * noise)
    return names, embeddings, truth, slice(count), slice(count, None)


@pytest.mark.parametrize("count", [80, 120, 160, 163])
def test_what_is_passed_over_is_told_by_what_is_left_however_much_is_decided(count):
    names, embeddings, truth, done, left = folder_order(count)
    given = decisions_of(embeddings[done], truth[done], 5)
    learned = learn(names, given, embeddings, undecided=embeddings[left])
    assert_names_alone(learned, names, "names-passed-over")
    assert 4 in learned.evidence.passed_over


@pytest.mark.parametrize(("added", "is_used"), [(1, True), (4, True), (12, False)])
def test_few_pictures_that_are_added_do_not_switch_off_what_was_learned(added, is_used):
    names, embeddings, truth, *_ = folder_order(0)
    some = np.arange(163)  # three of the last name
    given = decisions_of(embeddings[some], truth[some], 5)
    rest = embeddings[163:][:added]
    evidence = learn(names, given, embeddings, undecided=rest).evidence
    assert evidence.is_used == is_used
    wanted = evidence.why.parameters["wanted"] if evidence.why else ()
    assert sum(one.parameters["count"] for one in wanted) < added  # no more than there are


def test_names_are_asked_for_only_where_learning_would_help():
    names, embeddings, truth, done, left = folder_order(80)
    right = names.vectors[truth] + 0.02 * embeddings  # the names alone are right
    given = decisions_of(unit(right[done]), truth[done], 5)
    learned = learn(names, given, unit(right), undecided=unit(right[left]))
    assert_names_alone(learned, names, "nothing-learned-yet")


def test_one_by_one_it_takes_more_decisions_of_a_name_than_on_pages():
    names, embeddings, truth, *_ = folder_order(0)
    some = np.concatenate([np.arange(160), 160 + np.arange(6)])
    given = decisions_of(embeddings[some], truth[some], 5)
    rest = np.delete(embeddings, some, axis=0)
    assert_names_alone(learn(names, given, embeddings, undecided=rest), names, "names-passed-over")
    pages = replace(given, moments=np.arange(166) // 42)
    assert not learn(names, pages, embeddings, undecided=rest).evidence.passed_over


def test_a_name_that_no_picture_of_the_folder_shows_does_not_hold_learning_up():
    _, _, embeddings, truth = some()
    four = names_of(4)
    by_chance = np.random.default_rng(2).permutation(60)[:40]
    decided = decisions_of(embeddings[by_chance], truth[by_chance], 4)
    assert learn(four, decided, embeddings).evidence.is_used


def copies_of(embeddings, times):
    noise = 1e-4 * np.random.default_rng(4).normal(size=(times * len(embeddings), SIZE))
    return unit(np.repeat(embeddings, times, axis=0) + noise)


def by_chance(count):
    return np.random.default_rng(3).integers(0, 3, count)


@pytest.mark.parametrize(
    ("of", "why", "missing"),
    [
        pytest.param(lambda e, _: (e, by_chance(60)), "nothing-learned-yet", 0, id="by chance"),
        pytest.param(
            lambda e, _: (copies_of(e[:30], 4), np.repeat(by_chance(30), 4)),
            "nothing-learned-yet",
            0,
            id="copies are no evidence for each other",
        ),
        pytest.param(
            lambda e, truth: (copies_of(e[:15], 4), np.repeat(truth[:15], 4)),
            "too-few-decisions",
            LEAST_DECISIONS - 15,
            id="copies do not count as many",
        ),
        pytest.param(lambda e, truth: (e, truth, True), "nothing-learned-yet", 0, id="one page"),
        pytest.param(lambda e, _: (e, np.ones(60, int)), "decisions-are-alike", 0, id="alike"),
        *(
            pytest.param(
                lambda e, truth, few=few: (e[:few], truth[:few]),
                "too-few-decisions",
                LEAST_DECISIONS - few,
                id=f"{few} decisions",
            )
            for few in (0, 1, 2, LEAST_DECISIONS - 1)
        ),
    ],
)
def test_what_shows_nothing_leaves_names_alone_and_says_why(of, why, missing):
    names, _, embeddings, truth = some()
    decided, shown, *is_page = of(embeddings, truth)
    moments = np.zeros(len(shown), np.int64) if is_page else None
    given = replace(decisions_of(decided, shown, 3), moments=moments)
    learned = learn(names, given, embeddings)
    assert_names_alone(learned, names, why)
    assert learned.evidence.missing == missing
    assert not missing or learned.evidence.gain is None


def test_what_is_said_to_be_both_shown_and_not_is_no_decision():
    names, decisions, embeddings, _ = some()
    both = replace(decisions, excluded=np.ones_like(decisions.shown))
    assert learn(names, both, embeddings).evidence.decisions == 0


def test_images_of_a_stack_are_no_evidence_for_each_other_though_the_model_tells_them_apart():
    names, _, embeddings, _ = some(images=60)
    frames = unit(np.repeat(embeddings[:30], 4, axis=0) + 0.05 * images_of(np.zeros(120, int)))
    at_random = np.repeat(by_chance(30), 4)
    given = decisions_of(frames, at_random, 3)
    assert learn(names, given, frames).evidence.is_used  # each is known by its neighbours
    known = replace(given, stacks=np.repeat(np.arange(30), 4))
    assert_names_alone(learn(names, known, frames), names, "nothing-learned-yet")


def pages_of_alike_images(pages=12, size=8):
    """Pages of images around a centre each, whose names say nothing of other pages."""
    generator = np.random.default_rng(8)
    centres = np.repeat(generator.normal(size=(pages, SIZE)), size, axis=0)
    embeddings = unit(centres + 0.3 * generator.normal(size=centres.shape))
    truth = np.repeat(generator.integers(0, 3, pages), size)
    return decisions_of(embeddings, truth, 3), np.arange(pages * size) // size


def test_images_of_a_page_are_no_evidence_for_each_other():
    names, (decisions, pages) = names_of(3), pages_of_alike_images()
    assert learn(names, decisions, decisions.images.embeddings).evidence.is_used
    together = replace(decisions, moments=pages)
    assert_names_alone(
        learn(names, together, decisions.images.embeddings), names, "nothing-learned-yet"
    )


def test_many_that_were_decided_at_once_are_no_page():
    names, decisions, embeddings, _ = some(images=150)
    imported = replace(decisions, moments=np.zeros(150, np.int64))
    assert learn(names, imported, embeddings).evidence.is_used


def test_of_very_many_decisions_some_are_evidence_enough(monkeypatch):
    monkeypatch.setattr(learning, "MOST_JUDGED", 40)
    names, decisions, embeddings, _ = some(images=150)
    learned = learn(names, decisions, embeddings)
    assert learned.evidence.is_used
    assert learned.evidence.decisions == 150


def test_what_is_surer_than_it_is_right_is_made_less_sure():
    shown = np.eye(2, dtype=np.bool_)[np.arange(100) % 2]
    sure = np.where(shown, 5.0, -5.0)
    sure[:40] *= -1  # of 100, 40 are wrong
    known = TrainingData(np.zeros((100, 0)), sure, shown, ~shown, exclusive=True)
    sharpness = sharpness_of(sure, known)
    right = np.exp(sharpness * 5) / (np.exp(sharpness * 5) + np.exp(-sharpness * 5))
    assert 0.6 < right < 0.8


def right_above(classifier, embeddings, truth, least):
    found = score(classifier, embeddings).probabilities
    is_above = found.max(axis=1) >= least
    return is_above.sum(), (found.argmax(axis=1)[is_above] == truth[is_above]).sum()


def test_how_right_probabilities_are_is_told_by_decisions_that_were_not_learned_from():
    names, decisions, embeddings, _ = some(images=120, spread=1.2)
    learned = learn(names, decisions, embeddings)
    assert learned.evidence.is_used
    checked = learned.evidence.checked
    assert checked.images[0] == 120
    rest = np.arange(3000) % 3
    images = images_of(rest, seed=5, spread=1.2)
    for percent in (0, 50, 70, 90):
        count, right = right_above(learned.classifier, images, rest, percent / 100)
        said = checked.right[percent] / checked.images[percent]
        assert said == pytest.approx(right / count, abs=0.1)


def test_how_right_names_are_is_told_where_they_stay_in_use():
    names, _, embeddings, truth = some(images=60)
    truth = np.random.default_rng(3).permutation(truth)  # nothing can be learned
    learned = learn(names, decisions_of(embeddings, truth, 3), embeddings)
    assert_names_alone(learned, names, "nothing-learned-yet")
    for percent in (0, 40, 60, 100):
        found = learned.evidence.checked
        assert (found.images[percent], found.right[percent]) == right_above(
            names, embeddings, truth, percent / 100
        )


def test_of_images_with_several_labels_each_name_that_was_decided_counts():
    names, decisions, embeddings, _ = some(images=60)
    names = replace(names, multi=True)
    learned = learn(names, decisions, embeddings)
    assert learned.evidence.checked.images[0] == 3 * 60
    assert learned.evidence.checked.right[0] == 60


def test_what_the_names_get_right_anyway_leaves_them_alone():
    names = names_of(3)
    truth = np.arange(60) % 3
    embeddings = unit(
        names.vectors[truth] + 0.02 * np.random.default_rng(0).normal(size=(60, SIZE))
    )
    learned = learn(names, decisions_of(embeddings, truth, 3), embeddings)
    assert_names_alone(learned, names, "nothing-learned-yet")
    assert learned.evidence.gain == 0


def test_one_concept_needs_no_telling_apart():
    _, _, embeddings, _ = some()
    alone = names_of(1)
    learned = learn(alone, decisions_of(embeddings, np.zeros(60, int), 1), embeddings)
    assert_names_alone(learned, alone, "too-few-concepts")


def test_no_concept_at_all():
    none = names_of(0)
    nothing = np.empty((30, 0), np.bool_)
    learned = learn(
        none,
        given_by(images_of(np.zeros(30, int)), nothing, nothing),
        np.ones((2, SIZE), np.float32),
    )
    assert_names_alone(learned, none, "too-few-concepts")


def test_an_image_with_two_decisions_that_contradict_each_other_is_sure_of_neither():
    names, _, embeddings, _ = some()
    twice = np.repeat(embeddings[:30], 2, axis=0)
    learned = learn(names, decisions_of(twice, np.arange(60) % 2, 3), embeddings)
    found = score(learned.classifier, twice).probabilities
    assert np.isfinite(found).all()
    assert found[:, :2].max() < 0.7 or learned.classifier is names


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_images_without_a_finite_embedding_are_left_out(bad):
    names, decisions, embeddings, truth = some()
    more = np.concatenate([embeddings, np.full((5, SIZE), bad, np.float32)])
    with_bad = learn(names, decisions_of(more, np.append(truth, [0] * 5), 3), more)
    without = learn(names, decisions, embeddings)
    assert with_bad.evidence == without.evidence
    for one, other in zip(with_bad.classifier.weights, without.classifier.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_embeddings_that_are_all_equal_leave_names_alone():
    names, _, embeddings, truth = some()
    same = np.repeat(embeddings[:1], 60, axis=0)
    assert_names_alone(learn(names, decisions_of(same, truth, 3), same), names, "too-few-decisions")


def test_a_concept_without_decisions_is_still_suggested():
    names = names_of(4)
    truth = np.arange(60) % 3
    embeddings = images_of(truth)
    learned = learn(names, decisions_of(embeddings, truth, 4), embeddings).classifier
    assert isinstance(learned, Probe)
    like_its_name = unit(names.vectors[3:] * 3)
    assert score(learned, like_its_name).probabilities[0, 3] > 0.2


def test_more_concepts_than_decisions():
    names = names_of(100)
    truth = np.arange(30) % 3
    embeddings = images_of(truth)
    learned = learn(names, decisions_of(embeddings, truth, 100), embeddings)
    found = score(learned.classifier, embeddings).probabilities
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_decisions_for_reject_concepts_alone():
    names = names_of(3, rejects=(1, 2))
    truth = 1 + np.arange(40) % 2
    embeddings = images_of(truth)
    learned = learn(names, decisions_of(embeddings, truth, 3), embeddings)
    assert learned.evidence.decisions == 40
    assert np.isfinite(score(learned.classifier, embeddings).probabilities).all()


def test_what_images_do_not_show_teaches_too():
    names, _, embeddings, truth = some(images=240)
    excluded = np.zeros((240, 3), np.bool_)
    excluded[np.arange(240), (truth + 1 + np.arange(240) // 3 % 2) % 3] = True  # one of the others
    learned = learn(names, given_by(embeddings, ~excluded & False, excluded), embeddings)
    assert isinstance(learned.classifier, Probe)
    rest = np.arange(300) % 3
    found = score(learned.classifier, images_of(rest, seed=5)).probabilities.argmax(axis=1)
    assert (found == rest).mean() > 0.8


def test_several_labels_an_image_are_learned_one_by_one():
    names = names_of(3, multi=True)
    generator = np.random.default_rng(4)
    shown = generator.random((200, 3)) < 0.5
    centres = np.random.default_rng(99).normal(size=(3, SIZE))
    embeddings = unit(shown @ centres + 0.3 * generator.normal(size=(200, SIZE)))
    decided = given_by(embeddings[:100], shown[:100], ~shown[:100])
    learned = learn(names, decided, embeddings).classifier
    assert isinstance(learned, Probe)
    right = (score(learned, embeddings[100:]).probabilities > 0.5) == shown[100:]
    assert right.mean() > 0.8


def test_a_search_that_does_not_end_leaves_names_alone_and_says_so(monkeypatch):
    names, decisions, embeddings, _ = some()
    never = lambda function, start, **options: Minimum(start, is_found=False)  # noqa: E731
    monkeypatch.setattr(regression, "minimise", never)
    learned = learn(names, decisions, embeddings)
    assert_names_alone(learned, names, "learning-did-not-settle")


def test_a_cancelled_one_ends():
    names, decisions, embeddings, _ = some()
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        learn(names, decisions, embeddings, cancel)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 5), st.integers(20, 50), st.integers(0, 1000), st.booleans())
def test_the_order_of_images_and_concepts_does_not_matter(count, images, seed, multi):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, count, images)
    embeddings = images_of(np.append(truth, count - 1))[:images]
    names, decisions = names_of(count, multi=multi), decisions_of(embeddings, truth, count)
    learned = learn(names, decisions, embeddings)
    found = score(learned.classifier, embeddings).probabilities
    assert np.isfinite(found).all()
    if not multi:
        np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    rows = generator.permutation(images)
    moved = given_by(embeddings[rows], decisions.shown[rows], decisions.excluded[rows], rows)
    same = learn(names, moved, embeddings)
    assert same.evidence == learned.evidence
    np.testing.assert_array_equal(score(same.classifier, embeddings).probabilities, found)
    columns = generator.permutation(count)
    turned_names = ZeroShot(
        tuple(names.concepts[c] for c in columns), names.vectors[columns], PLAIN, names.head, multi
    )
    turned = given_by(embeddings, decisions.shown[:, columns], decisions.excluded[:, columns])
    other = learn(turned_names, turned, embeddings)
    assert other.evidence.is_used == learned.evidence.is_used
    turned_found = score(other.classifier, embeddings).probabilities
    np.testing.assert_allclose(turned_found, found[:, columns], atol=0.02)
