"""`--project`: the names and rules of a project in the place of the options for them."""

import argparse

from nameplate.cli.command import extensions, say
from nameplate.cli.project_files import opened
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy


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
    rules = project.concepts, project.settings
    for module in extensions("label --project"):
        rules = module.rules(project, getattr(args, "out", None)) or rules  # an option of runs
    if project.settings.learns and (project.labels.decided_by == DecidedBy.PERSON).any():
        say("what was learned from its decisions is not used: labels come from names alone")
    args.rules = rules
