"""Shared steps of commands: read images, make a project from options, compute suggestions."""

import argparse
import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.cli.command import counted, say, say_message
from nameplate.cli.options import loaded_text, open_cache, templates_of
from nameplate.cli.progress import ProgressBar
from nameplate.domain.changes import MINIMUM_OF_SEVERAL, SetConcepts, Settings, Title
from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import ImageTable
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.domain.stacks import Stacks
from nameplate.formats.label_export import LabelExport, model_name
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.export_content import snapshot_of
from nameplate.pipeline.fitting import choose, fit, fitters
from nameplate.pipeline.learning.fitted import FindStacks, Fitted
from nameplate.pipeline.learning.fitter import evidence_of, is_taught
from nameplate.pipeline.learning.guard import Evidence
from nameplate.pipeline.prompt_encoder import (
    ConceptEncoder,
    build_classifier,
    names_cut_short,
    text_cache,
)
from nameplate.pipeline.reading.collection import Found, embed_all
from nameplate.pipeline.reading.embedding import is_any_uncached
from nameplate.project.label_changes import DecisionContext, auto_label
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot
from nameplate.storage.caches.embedding_cache import EmbeddingCache
from nameplate.wording.texts import what_of


def settings_of(args: argparse.Namespace, template_set: TemplateSet | None) -> Settings:
    """Return the settings that `--multi` and `--min-probability` ask for, or a project has.

    A project's template set wins over `template_set`.
    """
    if rules := getattr(args, "rules", None):
        settings: Settings = rules[1]
        chosen = settings.template_set or template_set
        return replace(settings, template_set=chosen, learns=True)  # as options have it
    default = MINIMUM_OF_SEVERAL if args.multi else 0.0
    minimum = default if args.min_probability is None else args.min_probability
    return Settings(template_set, minimum, is_multi=args.multi)


def new_project(found: Found, concepts: tuple[Concept, ...], settings: Settings) -> Project:
    """Return a project with the images and concepts; no concepts make no step."""
    project = Project(settings)
    project.add_images(project.to_add(found.images))
    if concepts:
        title = Title("add-names", {"count": len(concepts), "name": concepts[-1].name})
        project.apply(SetConcepts(concepts), title)
    return project


@dataclass(frozen=True, slots=True)
class Suggested:
    """The suggestions of a model for the images of a project.

    Attributes:
        fitted: What was fitted to that; None where there is nothing to fit.
    """

    suggestions: Suggestions
    fitted: Fitted | None
    stacks: Callable[[], Stacks]


def suggest(
    args: argparse.Namespace,
    project: Project,
    model: LoadedModel,
    cancel: CancelToken,
    *,
    describes: bool = False,
) -> Suggestions:
    """Embed the images of a project and return the suggestions of its concepts; see `learned`."""
    return learned(args, project, model, cancel, describes=describes).suggestions


def learned(
    args: argparse.Namespace,
    project: Project,
    model: LoadedModel,
    cancel: CancelToken,
    *,
    describes: bool = False,
) -> Suggested:
    """Embed the images of a project and return the suggestions of its concepts.

    Where the project learns, they are of what was decided in it, too, as in the window: copies and
    bursts are no evidence for one another. Images get descriptors then, and with `describes`.
    """
    settings, concepts = project.settings, project.concepts
    template_set = settings.template_set or templates_of((), model)
    describes |= project.settings.learns and is_taught(project)
    with open_cache(args, model, describes=describes) as cache:

        def encode(prompts: Sequence[str], cancel: CancelToken | None) -> Vectors:
            # The image encoder is loaded beside the text encoder, if it will be needed.
            if is_any_uncached(project.images.paths, cache):
                model.image_part.start()
            return loaded_text(model, cancel).encode(prompts, cancel)

        # First, so that an error in the names is found before images are read.
        encoder = ConceptEncoder(
            encode,
            None if args.no_cache else text_cache(model),
            translator_for=model.translator_for,
        )
        classifier = build_classifier(
            encoder, concepts, template_set, model.head, multi=settings.is_multi, cancel=cancel
        )
        encoder.keep(concepts, template_set)
        for name in names_cut_short(concepts, template_set, model.is_cut_short):
            say(f"“{name}” is longer than the model reads; its end is ignored")
        if classifier.is_trivial and "reject" in args:
            say("one name always gets 100%; add another, or --reject other")
        project.images.forget_embeddings(*model.manifest.sizes)
        embed(project.images, model, cache, cancel)
        # Both use one file: the first to open it has the problem.
        problem = (encoder.cache and encoder.cache.problem) or (cache and cache.problem)
        if problem:
            say_message(problem)

    @functools.cache
    def stacks() -> Stacks:
        from nameplate.pipeline.stacks.finding import stacks_of  # noqa: PLC0415 - loads Pillow

        return stacks_of(project.images, cancel)

    suggestions, found = Suggestions(), _fitted(project, classifier, stacks, cancel)
    best = found.classifier if found else classifier
    suggestions.replace(score_images(best, project.images.vectors()), project.images)
    rows = np.arange(len(project.images))
    suggestions.reject(rows, project.rejected_of(rows))
    return Suggested(suggestions, found, stacks)


def _fitted(
    project: Project, names: ZeroShot, stacks: FindStacks, cancel: CancelToken
) -> Fitted | None:
    """Return the best classifier that the decisions of a project allow, and say which."""
    try:
        choice = choose(fitters(), project, names, stacks)
        found = fit(choice, names, project.images.vectors(), cancel)
    except CancelledError:  # what was read is delivered all the same
        return None
    if found is not None:
        say(f"suggested from {_source(found)}")
    return found


def _source(fitted: Fitted) -> str:
    if fitted.said is not None:
        return what_of(fitted.said)
    evidence = evidence_of(fitted)
    return suggested_from(evidence) if evidence else ""


_NOT_YET: Final = Message("nothing-learned-yet")


def suggested_from(evidence: Evidence) -> str:
    """Describe the basis of the suggestions.

    >>> suggested_from(Evidence(46, is_used=True, gain=0.058))
    'names + your 46 decisions: about 6 of 100 more right'
    >>> suggested_from(Evidence(8, missing=12))
    'names only: 12 more decisions needed'
    >>> suggested_from(Evidence(8, missing=12, taught_in="garden"))
    'what was taught in “garden”'
    """
    taught = f"what was taught in “{evidence.taught_in}”"
    is_taught = evidence.taught_in and evidence.is_taught_used
    if evidence.is_used:
        start = taught if is_taught else "names"
        text = f"{start} + your {counted(evidence.decisions, 'decision')}{_gain(evidence)}"
    elif is_taught:
        text = taught
    elif evidence.missing:
        text = f"names only: {counted(evidence.missing, 'more decision')} needed"
    else:
        text = f"names only: {what_of(evidence.why or _NOT_YET)}"
    if evidence.taught_in and not is_taught:
        text += f"; not from {taught}, which gets fewer of your decisions right"
    return text


def _gain(evidence: Evidence) -> str:
    """Describe the gain from learning, if there is any."""
    gain, interval = evidence.more_right, evidence.interval
    perhaps = "perhaps " if interval is not None and interval[0] <= 0 else ""
    return f": {perhaps}about {gain} of 100 more right" if gain >= 1 else ""


def read_images(
    args: argparse.Namespace,
    images: Sequence[Path],
    model: LoadedModel,
    cancel: CancelToken,
    verb: str = "",
) -> ImageTable:
    """Embed images, with a progress bar that says `verb`; return a table of them."""
    table = ImageTable()
    table.add(images)
    with open_cache(args, model) as cache:
        embed(table, model, cache, cancel, verb)
        if cache and cache.problem:
            say_message(cache.problem)
    return table


def embed(
    table: ImageTable,
    model: LoadedModel,
    cache: EmbeddingCache | None,
    cancel: CancelToken,
    verb: str = "",
) -> None:
    """Embed the images of a table, with a progress bar that says `verb`."""
    bar = ProgressBar(verb or "Reading")
    embed_all(table, model, cache=cache, cancel=cancel, on_progress=bar, on_note=say_message)


def label_automatically(project: Project, suggestions: Suggestions, model: LoadedModel) -> None:
    """Label every image with its suggestion, as one step."""
    now = DecisionContext(round(1000 * time.time()), model_name(model), suggestions)
    rows = np.flatnonzero(~project.images.is_removed)
    project.apply(auto_label(project, rows, now), Title("auto-label"))


def export_of(project: Project, suggestions: Suggestions, model: LoadedModel) -> LabelExport:
    """Return the content of an export, with scores and probabilities of `model`."""
    templates = project.settings.template_set or templates_of((), model)
    return snapshot_of(project, suggestions, what_of, model, templates)


def export_without_model(project: Project) -> LabelExport:
    """Return the content of an export without a model: labels, but no scores."""
    export = snapshot_of(project, Suggestions(), what_of)
    return replace(export, is_read=False)
