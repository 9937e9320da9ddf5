"""`nameplate project new --from-shards`: a project of a random sample of a run."""

import argparse

from nameplate.cli.command import finish
from nameplate.cli.commands.project import keep, labelling_of
from nameplate.cli.options import concepts_of, positive, some_path
from nameplate.cli.progress import ProgressBar, result_of
from nameplate.cli.suggesting import settings_of
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.sampling import DEFAULT_SAMPLE, sampled_project
from nameplate.project.file import store


def add_options(new: argparse.ArgumentParser) -> None:
    """Add the options for a sample to those of `project new`."""
    help_text = "a random sample of what label --out DIR made, with its names"
    new.add_argument("--from-shards", type=some_path, metavar="DIR", help=help_text)
    help_text = f"with --from-shards: how many pictures (default: {DEFAULT_SAMPLE:,})"
    new.add_argument("--sample", type=positive, metavar="N", help=help_text)


def run(args: argparse.Namespace, cancel: CancelToken) -> int | None:
    """Make a project of a sample, if a folder of shards was named."""
    if not args.from_shards:
        if args.sample is not None:
            raise UsageError("option-without-from-shards", where="--sample")
        return None
    concepts = concepts_of(args)
    store.refuse_existing(args.file)
    if args.paths or args.limit:
        raise UsageError("from-shards-alone", where="--limit" if args.limit else str(args.paths[0]))
    model, templates = labelling_of(args, cancel)
    rules = (concepts, settings_of(args, templates)) if concepts else None
    count = args.sample or DEFAULT_SAMPLE
    events = sampled_project(args.from_shards, cancel, count, rules, args.file)
    project = result_of(events, ProgressBar("Drawing"))
    keep(args, project, model, cancel)
    return finish(project.images, (), cancel)
