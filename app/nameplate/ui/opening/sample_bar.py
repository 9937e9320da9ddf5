"""The bar above a project that is a sample of a run."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from nameplate.project.samples import Sample
from nameplate.wording.texts import sentences, tr, trn

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts


class SampleBar(QObject):
    """Shows above a project that it is a sample, and of which run."""

    def __init__(self, window: "WindowParts") -> None:
        super().__init__(window)
        self._window, self._owner, self._files = window, window.owner, window.files
        self._files.opened.connect(self._say_what_it_is)
        window.model_in_use.loaded.connect(self._say_what_it_is)

    def _say_what_it_is(self) -> None:
        sample = self._owner.project.sample
        if sample is None:
            return
        text = about_text(sample, self._owner.vectors_key)
        others = self._window.workbenches.drops("run")
        if len(sample) < sample.images and others:
            draw = partial(others[0][1], Path(sample.folder), len(sample))
            self._files.show_about(text, (tr("Draw other pictures"), draw))
        else:
            self._files.show_about(text)


def about_text(sample: Sample, vectors_key: str) -> str:
    """Return what a project is that is a sample of a run; the key is of the model in use."""
    name, count = Path(sample.folder).name, sample.images
    if len(sample) == count:
        text = trn(
            "All {count:,} picture in {name}, in a random order",
            "All {count:,} pictures in {name}, in a random order",
            count,
            name=name,
        )
    else:
        text = trn(
            "{part:,} of the {count:,} picture in {name}, drawn at random",
            "{part:,} of the {count:,} pictures in {name}, drawn at random",
            count,
            part=len(sample),
            name=name,
        )
    if count < sample.listed:
        text = tr("{pictures} (of {count:,} when it is done)", pictures=text, count=sample.listed)
    said = [tr("{text}.", text=text)]
    if not sample.rules:
        said.append(tr("Its names are not known: add them, or label the run again."))
    if vectors_key and vectors_key != sample.vectors_key:
        text = tr(
            "It was labelled with {model}, so the pictures are read again with the model in use.",
            model=sample.model,
        )
        said.append(text)
    if sample.is_fetched:
        text = "Pictures in tar files and on other computers aren't fetched any more. Draw again."
        said.append(tr(text))
    return sentences(*said)
