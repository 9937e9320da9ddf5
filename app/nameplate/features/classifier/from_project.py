"""Learns anew what another project was taught, to be used in this one."""

from pathlib import Path

from nameplate.cli.project_files import opened
from nameplate.domain.progress import CancelToken
from nameplate.features.classifier.saved import SavedClassifier, saved_of
from nameplate.pipeline.fitting import choose, fit, fitters
from nameplate.pipeline.models.loading import load
from nameplate.pipeline.prompt_encoder import build_classifier
from nameplate.pipeline.reading.collection import embed_all
from nameplate.pipeline.reading.embedding import open_embedding_cache
from nameplate.pipeline.stacks.finding import stacks_of


def taught_in(path: Path, model_folder: Path, cancel: CancelToken) -> SavedClassifier:
    """Return what a project was taught, as a model sees its pictures.

    The model is loaded anew, since the encoders of the window belong to its threads. Pictures that
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
    images.forget_embeddings(model.manifest.embedding_size)
    with open_embedding_cache(model) as cache:
        embed_all(images, model, cache=cache, cancel=cancel, on_progress=_unsaid, on_note=_unsaid)
    cancel.raise_if_cancelled()
    choice = choose(fitters(), project, names, lambda: stacks_of(images, cancel))
    fitted = fit(choice, names, images.blocks(), cancel)
    return saved_of(project, fitted.classifier if fitted else names, model)


def _unsaid(_what: object) -> None:
    pass
