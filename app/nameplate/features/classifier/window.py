"""Saves a classifier from the window, and uses one that was saved, or another project."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from nameplate.cli.project_files import opened
from nameplate.domain.changes import SetConcepts, SetFact, Several, Title
from nameplate.domain.concepts import ConceptId, add_new
from nameplate.domain.errors import NameplateError, UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.classifier.reading import read_classifier
from nameplate.features.classifier.saved import SavedClassifier, saved_of
from nameplate.features.classifier.writing import write_classifier
from nameplate.pipeline.fitting import choose, fit, fitters
from nameplate.pipeline.learning.fitter import evidence_of
from nameplate.pipeline.learning.probe import Probe
from nameplate.pipeline.models.loading import load
from nameplate.pipeline.prompt_encoder import build_classifier
from nameplate.pipeline.reading.collection import embed_all
from nameplate.pipeline.reading.embedding import open_embedding_cache
from nameplate.pipeline.stacks.finding import stacks_of
from nameplate.project.facts import IMPORTED_CLASSIFIER, SETTINGS
from nameplate.project.file.store import ENDING
from nameplate.project.imported_classifier import LONGEST_NAME, ImportedClassifier
from nameplate.project.project import Project
from nameplate.storage.whole_folder import free_place
from nameplate.ui.jobs.jobs import ignore
from nameplate.ui.widgets.file_dialogs import ask_for_folder, ask_for_new_folder, ask_for_project
from nameplate.ui.widgets.painting import one_line
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, tr, trn

_Event = TypeVar("_Event")

_ABOUT: Final = "classifier"
"""What messages are about."""


def save(workbench: Workbench) -> None:
    """Ask for a new folder, and save the classifier there."""
    project = workbench.suggested_path
    place = free_place(project.with_name(f"{project.stem}-classifier"))
    save_there = workbench.guarded(partial(save_to, workbench))
    ask_for_new_folder(workbench.window, save_there, tr("Save classifier"), place)


def save_to(workbench: Workbench, path: Path) -> None:
    """Save the classifier in a new folder, once the suggestions are up to date."""
    workbench.when_scored(partial(_save, workbench, path))


def _save(workbench: Workbench, path: Path) -> None:
    model, project = workbench.model, workbench.project
    if model is None:
        return
    try:
        evidence = evidence_of(workbench.fitting.fitted)
        saved = saved_of(project, workbench.suggestions.classifier, model, evidence)
    except NameplateError as error:
        workbench.warn(error_text(error), about=_ABOUT)
        return
    images, name = tuple(project.images.paths.texts), one_line(path.name)
    token = CancelToken()

    def job(_cancel: CancelToken) -> Iterator[None]:
        # Closing the project or the window lets it finish; only the person's Cancel ends it.
        write_classifier(path, saved, model.folder, images, token)
        yield None

    def on_event(_done: None) -> None:
        text = tr("Saved “{name}”: {what}.", name=name, what=saved.summary)
        workbench.messages.tell(text)

    # Each is a job of its own: none takes the place of another one.
    _run(workbench, f"save {id(token)}", tr("Saving {name}", name=name), job, on_event, token)


def ask(workbench: Workbench) -> None:
    """Ask for the folder of a classifier or another project, and use its classifier."""
    chosen = workbench.guarded(partial(use_from, workbench))
    window, title = workbench.window, tr("Use what was taught elsewhere")
    workbench.ask(
        tr("What do you want to use?"),
        (tr("Another project…"), lambda: ask_for_project(window, chosen, title)),
        (tr("A saved classifier…"), lambda: ask_for_folder(window, chosen, title)),
        about=_ABOUT,
    )


def use_from(workbench: Workbench, path: Path) -> None:
    """Use the classifier of a folder or of another project."""
    model, name = workbench.model, one_line(path.stem)
    if model is None:
        workbench.warn(tr("Wait until the model is loaded."), about=_ABOUT)
        return

    def job(cancel: CancelToken) -> Iterator[SavedClassifier]:
        is_project = path.suffix.lower() == ENDING
        yield taught_in(path, model.folder, cancel) if is_project else read_classifier(path)

    def on_event(saved: SavedClassifier) -> None:
        if saved.fingerprint != model.fingerprint:
            text = tr(
                "“{name}” was taught with another model, {model}. Choose that one first.",
                name=name,
                model=saved.model.title,
            )
            workbench.warn(text, about=_ABOUT)
            return
        try:
            change = use(workbench.project, saved, name)
        except NameplateError as error:
            workbench.warn(error_text(error), about=_ABOUT)
            return
        workbench.do(change, Title("use-taught", {"name": name}))
        workbench.say_done(_used(saved, name))

    _run(workbench, "use", tr("Learning from {name}", name=name), job, on_event)


def _used(saved: SavedClassifier, name: str) -> str:
    """Return the message about an imported classifier."""
    count = len(saved.names.concepts)
    if saved.probe is None:
        return trn(
            "{count:,} name of “{name}” is here. Nothing else was learned there.",
            "{count:,} names of “{name}” are here. Nothing else was learned there.",
            count,
            name=name,
        )
    used = trn(
        "{count:,} name of “{name}” is here, with what was learned there.",
        "{count:,} names of “{name}” are here, with what was learned there.",
        count,
        name=name,
    )
    return sentences(used, tr("It is used as it is until you have checked some pictures."))


def _run(
    workbench: Workbench,
    name: str,
    text: str,
    job: Callable[[CancelToken], Iterator[_Event]],
    on_event: Callable[[_Event], None],
    token: CancelToken | None = None,
) -> None:
    """Run a job that is shown in the status line, where it can be cancelled.

    With a token of its own it goes on when the project is closed.
    """

    def end() -> None:
        workbench.show_work("")

    def cancel() -> None:
        if token is not None:
            token.cancel()
        workbench.drop(name)
        end()

    def on_failed(error: Exception) -> None:
        end()
        workbench.messages.warn(error_text(error))

    workbench.show_work(text, None, cancel)
    workbench.run(name, job, on_event, on_failed, end, outlives_project=token is not None)


def taught_in(path: Path, model_folder: Path, cancel: CancelToken) -> SavedClassifier:
    """Fit a classifier to the decisions of a project, with the vectors of a model.

    The model is loaded again, since the encoders of the window belong to its threads. Pictures that
    were read before come from the cache; of those that are gone nothing is learned.

    Raises:
        ModelError, ProjectError, UsageError: One of both cannot be used, or nothing was taught.
        CancelledError: `cancel` was set.
    """
    project, loaded = opened(path), load(model_folder, "cpu")
    model, settings, images = loaded.model, project.settings, project.images
    names = build_classifier(
        loaded.encoder,
        project.concepts,
        settings.template_set or loaded.template_set,
        model.head,
        multi=settings.is_multi,
        cancel=cancel,
    )
    images.forget_embeddings(*model.manifest.sizes)
    with open_embedding_cache(model, describes=True) as cache:
        embed_all(images, model, cache=cache, cancel=cancel, on_progress=ignore, on_note=ignore)
    cancel.raise_if_cancelled()
    choice = choose(fitters(), project, names, lambda: stacks_of(images, cancel))
    fitted = fit(choice, names, images.vectors(), cancel)
    return saved_of(project, fitted.classifier if fitted else names, model)


def use(project: Project, saved: SavedClassifier, where: str) -> Several:
    """Return the change by which a project uses a classifier.

    Names that are there stay as they are, and take over the minimum where they have none; a project
    without names takes over how labels are given, too. `where` is the name of the classifier.

    Raises:
        UsageError: One of both allows several labels an image, and the other does not.
    """
    names, settings = saved.names, replace(project.settings, learns=True)
    if not project.concepts:
        settings = replace(
            settings, template_set=names.template_set, minimum=saved.minimum, is_multi=names.multi
        )
    elif settings.is_multi != names.multi:
        raise UsageError("classifier-of-several-labels" if names.multi else "classifier-of-one")
    after = add_new(project.concepts, names.concepts, least_key=project.next_concept_id)
    minimum = {concept.name.casefold(): concept.threshold for concept in names.concepts}
    concepts = tuple(
        replace(c, threshold=minimum.get(c.name.casefold())) if c.threshold is None else c
        for c in after
    )
    keys = {concept.name.casefold(): concept.key for concept in concepts}
    imported = None
    if saved.probe is not None:
        mine = [keys[concept.name.casefold()] for concept in names.concepts]
        imported = _imported(saved.probe, mine, where)
    return Several(
        (SetConcepts(concepts), SetFact(SETTINGS, settings), SetFact(IMPORTED_CLASSIFIER, imported))
    )


def _imported(probe: Probe, keys: Sequence[ConceptId], where: str) -> ImportedClassifier:
    learned = probe.vectors if len(probe.vectors) else np.zeros_like(probe.names.vectors)
    weights = np.concatenate([probe.names.vectors, learned]).astype("<f4")
    return ImportedClassifier(
        where[:LONGEST_NAME],
        tuple(keys),
        weights.shape[1],
        base64.b64encode(weights.tobytes()).decode(),
        tuple(float(one) for one in probe.bias),
        float(probe.scale),
        probe.is_exclusive,
        probe.decisions,
        probe.described.shape[1],
        base64.b64encode(probe.described.astype("<f4").tobytes()).decode(),
    )
