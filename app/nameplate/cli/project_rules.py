"""`--project`: the names and rules of a project in the place of the options for them."""

import argparse
from pathlib import Path

from nameplate.cli.command import say
from nameplate.cli.project_files import opened
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy
from nameplate.domain.samples import Sample
from nameplate.formats.shards.manifest import read_manifest
from nameplate.project.promising.of_run import promised_least, raised_to


def take_rules(args: argparse.Namespace) -> None:
    """Let `concepts_of`, `templates_of` and `settings_of` return what the project has.

    Raises:
        ProjectError: It cannot be used.
        UsageError: Options contradict it, or the folder that is labelled into is damaged.
    """
    for name, value in (
        ("--concept", args.concept),
        ("--concepts", args.concepts),
        ("--reject", args.reject),
        ("--templates", args.templates),
        ("--multi", args.multi),
        ("--min-probability", args.min_probability is not None),
    ):
        if value:
            raise UsageError("option-with-project", where=name)
    project = opened(args.project)
    concepts, settings = project.concepts, project.settings
    least, sample = promised_least(project), project.sample
    out = getattr(args, "out", None)  # an option of runs
    if least is not None and sample is not None and not _is_folder_of(sample, out):
        say(
            f"its promise is about the run in {sample.folder} and says nothing of these labels; "
            f"labels by its names and least probabilities"
        )
    elif least is not None:
        concepts, settings = raised_to(least, concepts, settings)
        say(f"labels from a probability of {least:.6f} on, as promised")
    elif project.promise is not None:
        say("its promise says nothing of a run; labels by its names and least probabilities")
    if project.settings.learns and (project.labels.decided_by == DecidedBy.PERSON).any():
        say("what was learned from its decisions is not used: labels come from names alone")
    args.rules = concepts, settings


def _is_folder_of(sample: Sample, out: Path | None) -> bool:
    """Return whether a folder of shards is the one that a sample was drawn from, or a copy."""
    manifest = read_manifest(out) if out is not None else None
    return manifest is not None and manifest.list_digest == sample.run
