"""`--project`: the names and rules of a project in the place of the options for them."""

import argparse

from nameplate.cli.command import say
from nameplate.cli.project_files import opened
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy
from nameplate.project.promising.of_run import promised_least, raised_to


def take_rules(args: argparse.Namespace) -> None:
    """Let `concepts_of`, `templates_of` and `settings_of` return what the project has.

    Raises:
        ProjectError: It cannot be used.
        UsageError: Options contradict it.
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
    least = promised_least(project)
    if least is not None:
        concepts, settings = raised_to(least, concepts, settings)
        say(f"labels from a probability of {least:.6f} on, as promised")
    elif project.promise is not None:
        say("its promise says nothing of a run; labels by its names and least probabilities")
    if project.settings.learns and (project.labels.decided_by == DecidedBy.PERSON).any():
        say("what was learned from its decisions is not used: labels come from names alone")
    args.rules = concepts, settings
