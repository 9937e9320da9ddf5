"""`nameplate project new|info|check`, and further commands of features."""

import argparse
from collections import Counter
from importlib import import_module

import numpy as np

from nameplate.cli.command import (
    EXIT_DONE,
    add_feature_options,
    counted,
    finish,
    from_extensions,
    put,
    put_counts,
    put_json,
    run_failed,
    run_feature,
    say_message,
)
from nameplate.cli.options import (
    add_concept_options,
    add_json_option,
    add_model_options,
    add_paths,
    concepts_of,
    open_model,
    some_path,
    templates_of,
)
from nameplate.cli.project_files import opened
from nameplate.cli.suggesting import label_automatically, new_project, settings_of, suggest
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.domain.progress import CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.collection import find_images
from nameplate.plug_ins.failures import contained
from nameplate.plug_ins.registry import commands as commands_of_features
from nameplate.project.file import store
from nameplate.project.project import Project
from nameplate.system.elsewhere import is_elsewhere


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the commands of `project`."""
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    new = commands.add_parser("new", help="create a project of pictures and names")
    help_text = "the new file, NAME.nameplate"
    new.add_argument("file", type=some_path, metavar="FILE", help=help_text)
    add_paths(new, nargs="*")
    add_feature_options("project new", new)
    new.add_argument("--auto-label", action="store_true", help="auto-label every picture")
    add_concept_options(new)
    add_model_options(new)
    new.set_defaults(act=_new)
    for name, act, help_text in (
        ("info", _info, "show what is in a project"),
        ("check", _check, "check that a project file is complete"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("file", type=some_path, metavar="FILE", help="the project")
        command.set_defaults(act=act)
        if name == "info":
            add_json_option(command)
    for further in commands_of_features():
        if further.name.startswith("project "):
            command = commands.add_parser(further.name.split()[1], help=further.help)
            command.set_defaults(act=run_failed)
            with contained(further.module):
                module = import_module(further.module)
                module.add_options(command)
                command.set_defaults(act=module.run)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Run the command after `project`."""
    return args.act(args, cancel)


def _new(args: argparse.Namespace, cancel: CancelToken) -> int:
    if (code := run_feature("project new", args, cancel)) is not None:
        return code
    concepts = concepts_of(args)
    if args.auto_label and not concepts:
        raise UsageError("no-name-given")
    store.refuse_existing(args.file)
    if not args.paths:
        raise UsageError("no-paths")
    for path in map(str, args.paths):
        if is_elsewhere(path):
            raise UsageError("on-another-computer", where=path)
    found = find_images(args.paths, cancel=cancel, limit=args.limit)
    model, templates = labelling_of(args, cancel)
    project = new_project(found, concepts, settings_of(args, templates))
    keep(args, project, model, cancel)
    return finish(project.images, found.problems, cancel)


def labelling_of(
    args: argparse.Namespace, cancel: CancelToken
) -> tuple[LoadedModel | None, TemplateSet | None]:
    """Open the model for the labels or templates of a new project; return it and the templates."""
    model = open_model(args, cancel) if args.auto_label or args.templates else None
    return model, templates_of(args.templates, model) if model and args.templates else None


def keep(
    args: argparse.Namespace, project: Project, model: LoadedModel | None, cancel: CancelToken
) -> None:
    """Write a new project, auto-labelled with `--auto-label`, and print a summary."""
    if model and args.auto_label:
        label_automatically(project, suggest(args, project, model, cancel), model)
    store.close(store.create(args.file, project))
    _put_summary(project)


def _info(args: argparse.Namespace, _cancel: CancelToken) -> int:
    project = opened(args.file)
    if args.json:
        put_json(_facts(project))
    else:
        _put_summary(project)
    return EXIT_DONE


def _check(args: argparse.Namespace, _cancel: CancelToken) -> int:
    project = opened(args.file)  # this checks the whole file
    remarks = [*from_extensions("project check", lambda one: one.check(project, args.file))]
    images = counted(project.images.present, "image")
    put(f"{args.file}: {images}, all is well")
    for remark in filter(None, remarks):
        say_message(remark)
    return EXIT_DONE


def _facts(project: Project) -> dict[str, object]:
    images, labels = project.images, project.labels
    states: Counter[int] = Counter(labels.states[~images.is_removed].tolist())
    counts = project.counts.by_concept()
    by_person = labels.decided_by[~images.is_removed] == DecidedBy.PERSON
    facts: dict[str, object] = {
        "images": images.present,
        "labels": {c.name: counts.get(c.key, 0) for c in project.concepts if not c.is_reject},
        "reject_names": [c.name for c in project.concepts if c.is_reject],
        "states": {state.name.lower(): states.get(int(state), 0) for state in ReviewState},
        "decided_by_person": int(np.count_nonzero(by_person)),
        "several_labels": project.settings.is_multi,
        "learns": project.settings.learns,
        "min_probability": project.settings.minimum,
        "steps_to_undo": len(project.history.done),
        "steps_to_redo": len(project.history.undone),
    }
    for more in from_extensions("project info", lambda one: dict(one.facts(project))):
        facts |= more
    return facts


def _put_summary(project: Project) -> None:
    facts = _facts(project)
    named = [(c.name, project.counts.by_concept().get(c.key, 0)) for c in project.concepts]
    put_counts([("images", project.images.present), *named])
    decided = f"{facts['decided_by_person']:,} decided by a person"
    if not project.settings.learns:
        decided += ", not learned from"
    put(f"{decided}; {counted(len(project.history.done), 'step')}")
    for lines in from_extensions("project info", lambda one: list(one.lines(project))):
        for line in lines:
            put(line)
