"""A promise about a random sample holds for the run that it was drawn from, or says why not."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from features.promise.promise_help import RUNS, passes, replayed, sampled
from nameplate.domain.changes import RemoveImages, SetConcepts, SetFact
from nameplate.domain.images import contents_of
from nameplate.domain.labels import ReviewState
from nameplate.features.promise.rules.applying import apply_labels
from nameplate.features.promise.rules.beginning import offer, plan_of
from nameplate.features.promise.rules.counts import allowed_wrong
from nameplate.features.promise.rules.of_run import promised_least, with_run
from nameplate.features.promise.rules.stages import risk_of_try
from nameplate.features.promise.rules.state import PromiseStage
from nameplate.project.facts import SETTINGS
from nameplate.project.file import store
from nameplate.project.labelling import decided

MANY = 1_000_000


def decide(folder, row):
    project = folder.project
    code = project.labels.sets.code_of([folder.truth(row)])
    step = decided(
        project,
        np.array([row]),
        np.array([code], np.int32),
        np.array([ReviewState.CORRECTED], np.uint8),
        folder.now,
    )
    folder.opened.do(step)


def why_not(folder):
    found = offer(folder.project, folder.now, 0.98, 0.95)
    assert found.run_least is None
    return found.why_not_run.code


@pytest.mark.parametrize("size", [300, 1500, 20_000])
@pytest.mark.parametrize("target", [0.9, 0.98, 0.99])
def test_a_plan_for_a_run_lets_a_run_that_is_not_right_enough_pass_no_more_often_than_its_risk(
    size, target
):
    plan = with_run(plan_of(size, target, 0.95, 1), target)
    if plan is None:  # 396 checks are more than there are labels
        assert (size, target) == (300, 0.99)
        return
    by_looks = replace(plan, population=MANY)
    seen = round((allowed_wrong(target, MANY) + 1) * (1 - plan.overlooked))
    assert passes(by_looks, seen) <= risk_of_try(0.95, 1)
    alone = plan_of(size, target, 0.95, 1)
    assert all(mine >= other for mine, other in zip(plan.looks, alone.looks, strict=False))


def test_what_is_checked_has_not_decided_what_is_promised():
    folder = sampled(2000)
    suggestions = folder.opened.suggestions
    suggestions.probability[:500] = np.linspace(0.99, 1, 500)
    suggestions.probability[500:] = np.linspace(0.98, 1, 1500)
    found = offer(folder.project, folder.now, 0.98, 0.95)
    assert found.run_least == pytest.approx(0.992, abs=0.0005)
    suggestions.probability[500:] = np.linspace(0.97, 1, 1500)
    again = offer(folder.project, folder.now, 0.98, 0.95)
    assert again.run_least == found.run_least
    assert again.labels.ids.min() > 500
    assert again.labels.probability.min() >= found.run_least


def test_a_promise_that_is_kept_holds_for_the_run_also_after_it_was_reopened(tmp_path):
    folder = sampled(2000, wrong={900})
    folder.begin()
    assert folder.check_all() is PromiseStage.PASSED
    assert promised_least(folder.project) is None  # its labels are not given yet
    folder.take(apply_labels(folder.project, folder.now))
    assert promised_least(folder.project) == pytest.approx(0.999, abs=1e-6)
    path = tmp_path / "p.nameplate"
    store.close(store.create(path, folder.project))
    with closing(store.open_file(path)) as db:
        assert promised_least(store.load(db, path)) == promised_least(folder.project)


def test_a_file_that_claims_a_promise_of_a_run_by_too_few_checks_has_none():
    folder = sampled(2000)
    folder.begin()
    folder.keep()
    project, promise = folder.project, folder.promise
    plan = replace(promise.plan, looks=plan_of(400, 0.98, 0.95, 1).looks)
    project.facts["promise"] = replace(promise, plan=plan)
    project.facts["checks"] = promise.checks[: plan.looks[0]]
    assert promised_least(project) is None


def test_what_was_decided_not_by_chance_lets_nothing_be_said_of_the_run():
    folder = sampled(2000)
    decide(folder, 1700)
    assert why_not(folder) == "run-promise-decided"
    folder = sampled(2000)
    decide(folder, 3)  # of the quarter that is not promised
    assert offer(folder.project, folder.now, 0.98, 0.95).run_least is not None
    folder.opened.do(RemoveImages(np.array([900])))
    assert why_not(folder) == "run-promise-decided"


def test_other_names_rules_or_models_let_nothing_be_said_of_the_run():
    folder = sampled(2000)
    first, *others = folder.project.concepts
    folder.opened.do(SetConcepts((replace(first, synonyms=("w",)), *others)))
    assert why_not(folder) == "run-promise-rules"
    folder = sampled(2000)
    folder.opened.do(SetFact(SETTINGS, replace(folder.project.settings, minimum=0.4)))
    assert why_not(folder) == "run-promise-rules"
    folder = sampled(2000)
    folder.project.sample = replace(folder.project.sample, fingerprint="other")
    assert why_not(folder) == "run-promise-model"


def test_files_that_the_run_lists_several_times_let_nothing_be_said_of_it():
    folder = sampled(2000)
    folder.project.sample = replace(folder.project.sample, repeated=1)
    assert why_not(folder) == "run-promise-repeated"


def test_a_sample_that_is_too_small_is_promised_alone():
    assert why_not(sampled(160)) == "run-promise-few"


def test_a_file_that_turns_out_to_be_another_lets_nothing_be_said_of_the_run():
    folder = sampled(2000)
    project = folder.project
    known = contents_of([f"{number:032x}-9" for number in range(2000)])
    project.sample = replace(project.sample, contents=known)
    project.images.contents[:2000] = known
    assert offer(project, folder.now, 0.98, 0.95).run_least is not None
    folder.begin()
    folder.check_all()
    folder.take(apply_labels(project, folder.now))
    assert promised_least(project) is not None
    project.record_contents(np.array([1900]), contents_of(["f" * 32 + "-9"]))
    assert promised_least(project) is None


@pytest.mark.parametrize("name", ["steep", "all right but 2%"])
def test_promises_that_are_given_are_true_of_the_run(name):
    replays = [replayed(RUNS[name], 0.98, seed) for seed in range(8)]
    false = [one for one in replays if one.is_given and one.share_right < 0.98]
    assert len(false) <= 1  # tests/perf has a hundred of each
