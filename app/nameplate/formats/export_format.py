"""The definition of an export format, its options, and its input."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from pathlib import Path
from typing import Final, TypeVar, cast

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Progress
from nameplate.formats.exported_image import ExportedImage, Which
from nameplate.formats.label_export import LabelExport
from nameplate.formats.outputs.folder_output import FolderOutput
from nameplate.formats.outputs.output import Kind, Output
from nameplate.formats.outputs.sidecar_output import SidecarOutput

_PROGRESS_EVERY: Final = 64
"""Images between two reports of progress."""

Item = TypeVar("Item")


class Transfer(Enum):
    """How the files of images come into a folder."""

    COPY = "copy"
    LINK = "link"
    MOVE = "move"


class SidecarName(Enum):
    """How the sidecar of `a.jpg` is called."""

    WITH_ENDING = "a.jpg.xmp"
    WITHOUT_ENDING = "a.xmp"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """The options of an export; `ExportFormat.options` says which of them a format uses.

    Attributes:
        which: Which names are delivered.
        all_scores: Give the probabilities of all concepts.
        absolute_paths: Give absolute paths.
        byte_order_mark: Begin with one, which some spreadsheets need.
        split: Shares of the parts, such as (0.8, 0.1, 0.1) for train, validation and test; empty
            for one whole.
        seed: Of the split.
        transfer: How the files of images come into the folder.
        sidecar_name: How sidecars are called.
        image_prefix: Put before the path of each image, for programs that know them by an address.
        with_parents: Give each label with its parents too.
        unlabelled: Deliver images without a label too, in a folder of their own.
        with_stacks: Give the number of each image's stack, see `domain.stacks`.
        refuse_several: Refuse images with several labels, which are otherwise put into the folder
            of each.
    """

    which: Which = Which.BEST
    all_scores: bool = False
    absolute_paths: bool = False
    byte_order_mark: bool = False
    split: tuple[float, ...] = ()
    seed: int = 0
    transfer: Transfer = Transfer.COPY
    sidecar_name: SidecarName = SidecarName.WITH_ENDING
    image_prefix: str = ""
    with_parents: bool = False
    unlabelled: bool = False
    refuse_several: bool = False
    with_stacks: bool = False


OPTIONS: Final = tuple(one.name for one in fields(ExportOptions))
"""The names of all options."""


@dataclass(frozen=True, slots=True)
class ExportTask:
    """The input of a format.

    Attributes:
        export: What is delivered.
        options: What the person chose.
        cancel: Ends the writing; nothing is left of the output, or the report says what is.
        on_progress: Called now and then while images are gone through, on the writing thread.
        relinks: Whether the caller gives the project the new paths of pictures that are moved
            (`ExportReport.moved`); otherwise moving is refused.
    """

    export: LabelExport
    options: ExportOptions = ExportOptions()
    cancel: CancelToken = field(default_factory=CancelToken)
    on_progress: Callable[[Progress], None] = lambda _: None
    relinks: bool = False

    def images(self, *, has_best: bool = False) -> Iterator[ExportedImage]:
        """Yield the images that the options ask for, as `exported`; report progress.

        Raises:
            CancelledError: The token was set.
        """
        return self.watched(self.exported(has_best=has_best), self.export.count(self.options.which))

    def exported(self, *, has_best: bool = False) -> Iterator[ExportedImage]:
        """Yield the images that the options ask for, in the order of their paths.

        Args:
            has_best: Whether `ExportedImage.best` is delivered; otherwise suggestions take the
                place of labels where the best names are asked for.
        """
        options = self.options
        export = self.export.with_stacks() if options.with_stacks else self.export
        for image in export.exported(
            which=options.which,
            all_scores=options.all_scores,
            absolute_paths=options.absolute_paths,
        ):
            yield image.labelled_best() if self.has_best and not has_best else image

    @property
    def has_best(self) -> bool:
        """Whether the best names are asked for, and suggestions are among them."""
        return self.options.which is Which.BEST and self.export.has_suggestions

    def watched(self, items: Iterable[Item], total: int) -> Iterator[Item]:
        """Yield the `total` items, reporting progress; stop if cancelled.

        Raises:
            CancelledError: The token was set.
        """
        started = time.monotonic()
        for done, item in enumerate(items):
            self.cancel.raise_if_cancelled()
            if done % _PROGRESS_EVERY == 0:
                self.on_progress(Progress(done, total, time.monotonic() - started))
            yield item
        self.cancel.raise_if_cancelled()
        self.on_progress(Progress(total, total, time.monotonic() - started))

    @property
    def scored_names(self) -> tuple[str, ...]:
        """The names of `all_probabilities`; empty if these were not asked for."""
        concepts = self.export.scored if self.options.all_scores else ()
        return tuple(concept.name for concept in concepts)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written.

    Attributes:
        images: How many images are in it.
        problems: Files that were left out or could not be written, and why.
        also: Other files that were written beside the output.
        notes: What else a person should know.
        moved: Old and new absolute path of each moved picture.
        undo: The log by which what was done to files can be taken back; None for none.
        is_cancelled: Whether it was cancelled, and this is what is there.
    """

    images: int
    problems: Sequence[tuple[str, Message]] = ()
    also: Sequence[Path] = ()
    notes: Sequence[Message] = ()
    moved: Sequence[tuple[str, str]] = ()
    undo: Path | None = None
    is_cancelled: bool = False


class Target(Enum):
    """What a format writes."""

    FILE = Output
    FOLDER = FolderOutput
    SIDECARS = SidecarOutput


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format in which labels are delivered.

    Attributes:
        id: Its name on the command line.
        title: Its name in the window.
        target: What it writes: a file, a folder, or files beside the pictures.
        ending: Of its file, with the dot; empty for a folder.
        kind: What an earlier output must be to be replaced unasked.
        options: The names of the fields of `ExportOptions` that it heeds.
        write: Writes an export, whole or not at all. The output is of the class that `target`
            names. Raises an OutputError where it must not be written, or cannot, and a
            CancelledError.
        has_numbers: Whether probabilities or scores stand in it, so that a model has to be asked.
        purpose: What it is for.
        usual_split: Shares of the parts that it always has, where the options name none.
        opens_pictures: Whether the pictures are decoded for it, which takes long.
        has_best: Whether the best name has a place of its own, beside the label.
        needs_labels: Whether images without a label are left out.
    """

    id: str
    title: str
    target: Target
    ending: str
    kind: Kind
    options: frozenset[str]
    write: Callable[[ExportTask, Output], ExportReport]
    has_numbers: bool = True
    purpose: Message = field(kw_only=True)
    usual_split: tuple[float, ...] = field(default=(), kw_only=True)
    opens_pictures: bool = field(default=False, kw_only=True)
    has_best: bool = field(default=False, kw_only=True)
    needs_labels: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if not self.options <= set(OPTIONS):
            raise ValueError(f"{self.id}: no options: {sorted(self.options - set(OPTIONS))}")

    def output(self, path: Path, *, overwrite: bool = False, **more: object) -> Output:
        """Return the output that `write` takes; `more` are other fields of `Output`."""
        make = cast("Callable[..., Output]", self.target.value)
        return make(path, self.kind, overwrite, **more)
