"""What labels follow from, as digests that are compared later."""

import hashlib

from nameplate.project.project import Project


def _names_digest(project: Project) -> str:
    """Return a digest of the names: another one means that other labels may be right."""
    of_each = [(c.key, c.name, c.is_reject, c.parent) for c in project.concepts]
    return _digest(repr(sorted(of_each)))


def _sentences_digest(project: Project) -> str:
    """Return a digest of what the names are put into before the model reads them."""
    of_each = sorted((c.key, c.synonyms, c.prompts) for c in project.concepts)
    settings = project.settings
    return _digest(repr((of_each, settings.template_set, settings.is_multi)))


def rules_digest(project: Project) -> str:
    """Return a digest of all that labels follow from beside the model."""
    thresholds = sorted((c.key, c.threshold) for c in project.concepts)
    texts = (_names_digest(project), _sentences_digest(project))
    return _digest(repr((texts, thresholds, project.settings.minimum)))


def _digest(text: str) -> str:
    """Return 16 hexadecimal digits that are others for nearly every other text."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
