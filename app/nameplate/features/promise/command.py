"""`check-certificate FILE`, and what other commands say and do of a promise."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nameplate.cli.command import EXIT_DONE, put, say
from nameplate.cli.options import some_path
from nameplate.domain.changes import Settings
from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import deferred
from nameplate.features.promise.certificates import check_certificate
from nameplate.features.promise.rules.certificate import certificate_of
from nameplate.features.promise.rules.of_run import promised_least, raised_to
from nameplate.features.promise.rules.promises import promise_in
from nameplate.features.promise.rules.state import (
    PromiseStage,
    kept_promise,
    problem_of,
    state_of,
    why_broken,
)
from nameplate.features.promise.words import share_text
from nameplate.formats.shards.manifest import read_manifest
from nameplate.project.project import Project
from nameplate.project.samples import Sample
from nameplate.wording.texts import tr, what_in_english, what_of

_EXIT_DIFFERS: Final = 1

_STATES: Final = {
    PromiseStage.OPEN: deferred("open", "of a certificate"),
    PromiseStage.PASSED: deferred("passed", "of a certificate"),
    PromiseStage.FAILED: deferred("failed", "of a certificate"),
    PromiseStage.VOID: deferred("void", "of a certificate"),
    PromiseStage.APPLIED: deferred("given", "of a certificate"),
    PromiseStage.ENDED: deferred("ended", "of a certificate"),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `check-certificate`."""
    help_text = tr("the certificate, or the labels that it lies beside")
    parser.add_argument("file", type=some_path, metavar="FILE", help=help_text)
    parser.add_argument(
        "--pictures",
        type=some_path,
        metavar="DIR",
        help=tr("the folder that label paths start from, to compare the pictures too"),
    )


def run(args: argparse.Namespace, _cancel: CancelToken) -> int:
    """Say what fits and what does not; return 0 where all does, 1 where something does not."""
    found = check_certificate(args.file, args.pictures)
    for message in found.fits:
        put(tr("fits: {what}", what=what_of(message)))
    for message in found.differs:
        put(tr("does not fit: {what}", what=what_of(message)))
    for message in found.not_compared:
        put(tr("not compared: {what}", what=what_of(message)))
    return _EXIT_DIFFERS if found.differs else EXIT_DONE


# ---- `project info`, `project check` and `label --project`


def facts(project: Project) -> dict[str, object]:
    """Return what `project info --json` says."""
    promise, state = promise_in(project), state_of(project)
    if promise is None or state is None:
        return {"promise": None}
    said = {
        "state": state.stage.value,
        "why": what_in_english(state.why) if state.why else "",
        "right_at_least": promise.target,
        "confidence": promise.confidence,
        "labels": len(promise.labels),
        "checks": state.checks,
        "wrong": state.wrong,
        "more_checks_at_least": state.at_least,
        "seed": promise.seed,
        "model": promise.basis.model,
    }
    return {"promise": said}


def lines(project: Project) -> Iterator[str]:
    """Yield what `project info` prints."""
    promise, state = promise_in(project), state_of(project)
    if promise is None or state is None:
        return
    yield tr(
        "certificate: at least {share} of {labels:,} labels are right: {state}",
        share=share_text(promise.target),
        labels=len(promise.labels),
        state=tr(_STATES[state.stage], "of a certificate"),
    )
    said = tr("{checks:,} checked, {wrong:,} of them wrong", checks=state.checks, wrong=state.wrong)
    yield f"  {said}"
    if state.why:
        yield f"  {what_of(state.why)}"
    for message in certificate_of(promise) if kept_promise(project) else ():
        yield f"  {what_of(message)}"


def check(project: Project, file: Path) -> Message | None:
    """Return why a promise that was kept does not hold any more; None for no such one.

    Raises:
        UsageError: What the file says of its promise does not fit together.
    """
    if problem := problem_of(project):
        raise UsageError("promise-does-not-hold", where=str(file), reason=problem)
    broken = why_broken(project)
    return Message("promise-is-broken", {"reason": broken}) if broken else None


def rules(project: Project, out: Path | None) -> tuple[tuple[Concept, ...], Settings] | None:
    """Return names and settings by which only promised labels are applied, and say so.

    None where nothing is promised of the labels of the folder `out`.
    """
    least, sample = promised_least(project), project.sample
    if least is None or sample is None:
        if promise_in(project) is not None:
            text = deferred(
                "its certificate isn't about a run; labels by its names and minimum probabilities"
            )
            say(tr(text))
        return None
    if not _is_folder_of(sample, out):
        text = tr(
            "its certificate is about the run in {folder}, not these labels; "
            "labels by its names and minimum probabilities",
            folder=sample.folder,
        )
        say(text)
        return None
    say(tr("labels from a probability of {least:.6f} on, as certified", least=least))
    return raised_to(least, project.concepts, project.settings)


def _is_folder_of(sample: Sample, out: Path | None) -> bool:
    """Return whether a folder of shards is the one that a sample was drawn from, or a copy."""
    manifest = read_manifest(out) if out is not None else None
    return manifest is not None and manifest.list_digest == sample.run
