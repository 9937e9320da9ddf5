"""What `project info`, `project check` and `label --project` say and do of a promise."""

from collections.abc import Iterator
from pathlib import Path

from nameplate.cli.command import say
from nameplate.domain.changes import Settings
from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.samples import Sample
from nameplate.features.promise.rules.certificate import certificate_of, percent_of
from nameplate.features.promise.rules.of_run import promised_least, raised_to
from nameplate.features.promise.rules.promises import promise_in
from nameplate.features.promise.rules.state import kept_promise, problem_of, state_of, why_broken
from nameplate.formats.shards.manifest import read_manifest
from nameplate.project.project import Project
from nameplate.wording.texts import what_of


def facts(project: Project) -> Iterator[tuple[str, dict[str, object] | None]]:
    """Yield what `project info --json` says."""
    promise, state = promise_in(project), state_of(project)
    if promise is None or state is None:
        yield "promise", None
        return
    yield (
        "promise",
        {
            "state": state.stage.value,
            "why": what_of(state.why) if state.why else "",
            "right_at_least": promise.target,
            "confidence": promise.confidence,
            "labels": len(promise.labels),
            "checks": state.checks,
            "wrong": state.wrong,
            "more_checks_at_least": state.at_least,
            "seed": promise.seed,
            "model": promise.basis.model,
        },
    )


def lines(project: Project) -> Iterator[str]:
    """Yield what `project info` prints."""
    promise, state = promise_in(project), state_of(project)
    if promise is None or state is None:
        return
    percent, labels = percent_of(promise.target), len(promise.labels)
    yield f"promise: at least {percent:g}% of {labels:,} labels are right: {state.stage.value}"
    yield f"  {state.checks:,} checked, {state.wrong:,} of them wrong"
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
    """Return names and settings by which only promised labels are given, and say so.

    None where nothing is promised of the labels of the folder `out`.
    """
    least, sample = promised_least(project), project.sample
    if least is None or sample is None:
        if promise_in(project) is not None:
            say("its promise says nothing of a run; labels by its names and least probabilities")
        return None
    if not _is_folder_of(sample, out):
        say(
            f"its promise is about the run in {sample.folder} and says nothing of these labels; "
            f"labels by its names and least probabilities"
        )
        return None
    say(f"labels from a probability of {least:.6f} on, as promised")
    return raised_to(least, project.concepts, project.settings)


def _is_folder_of(sample: Sample, out: Path | None) -> bool:
    """Return whether a folder of shards is the one that a sample was drawn from, or a copy."""
    manifest = read_manifest(out) if out is not None else None
    return manifest is not None and manifest.list_digest == sample.run
