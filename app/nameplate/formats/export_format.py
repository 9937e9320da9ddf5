"""The definition of an export format, its options, and its input."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, cast, get_type_hints

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Progress
from nameplate.formats.exported_image import ExportedImage, Which
from nameplate.formats.label_export import Cells, LabelExport
from nameplate.formats.outputs.folder_output import FolderOutput
from nameplate.formats.outputs.output import Kind, Output
from nameplate.formats.outputs.sidecar_output import SidecarOutput

_PROGRESS_EVERY: Final = 64
"""Images between two reports of progress."""

Item = TypeVar("Item")


class TransferMode(Enum):
    """How the files of images come into a folder."""

    COPY = "copy"
    LINK = "link"


class CsvColumns(Enum):
    """The columns of a labels CSV."""

    LABEL = "label"
    ALL = "all"


class SidecarName(Enum):
    """How the sidecar of `a.jpg` is called."""

    WITH_ENDING = "a.jpg.xmp"
    WITHOUT_ENDING = "a.xmp"


@dataclass(frozen=True, slots=True)
class Option:
    """How an option of an export is given on the command line and in the window.

    Its kind is that of its default: `bool`, one of an `Enum`, or `str`.

    Attributes:
        flag: On the command line.
        help: What it is, there.
        text: What stands beside it in the window.
        name: What it is called for those who do not see that; empty where `text` says it.
        tip: What else there is to say in the window; of a text, an example.
        values: The text of each value, where there are several to choose from.
    """

    flag: str
    help: str
    text: str
    name: str = ""
    tip: str = ""
    values: Mapping[Enum, str] = field(default_factory=dict[Enum, str])


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """The options of an export; `ExportFormat.options` says which of them a format uses.

    The command line, the window and what is remembered of an export go by these declarations.
    """

    which: Annotated[
        Which,
        Option(
            "--which",
            "best names (default: labels, or else suggestions), labels, or what you decided",
            "Names",
            "Which names are exported",
            values={
                Which.BEST: "Labels and suggestions",
                Which.LABELS: "Labels only",
                Which.DECIDED: "Only what you checked",
            },
        ),
    ] = Which.BEST
    csv_columns: Annotated[
        CsvColumns,
        Option(
            "--columns",
            "columns of a CSV: path and label, or all (default)",
            "Columns",
            "Which columns the CSV has",
            values={CsvColumns.LABEL: "Path and label", CsvColumns.ALL: "All columns"},
        ),
    ] = CsvColumns.ALL
    all_scores: Annotated[
        bool,
        Option("--scores all", "the probability of every concept", "Probability of every name"),
    ] = False
    absolute_paths: Annotated[
        bool,
        Option(
            "--absolute-paths",
            "absolute paths",
            "Full paths",
            tip="From the drive down, not from the pictures' folder",
        ),
    ] = False
    byte_order_mark: Annotated[
        bool,
        Option(
            "--byte-order-mark",
            "begin with one, which some spreadsheets need",
            "Add a BOM (for Excel)",
            tip="Older versions of Excel garble accents without it",
        ),
    ] = False
    transfer: Annotated[
        TransferMode,
        Option(
            "--files",
            "how pictures come into the folder (default: copy)",
            "Picture files",
            "How the pictures come into the folder",
            values={TransferMode.COPY: "Copy", TransferMode.LINK: "Link (takes no room)"},
        ),
    ] = TransferMode.COPY
    sidecar_name: Annotated[
        SidecarName,
        Option(
            "--sidecars",
            "how sidecars are called (default: a.jpg.xmp)",
            "File names",
            "How the file of a picture a.jpg is called",
            values={one: one.value for one in SidecarName},
        ),
    ] = SidecarName.WITH_ENDING
    image_prefix: Annotated[
        str,
        Option(
            "--image-prefix",
            "put before the path of each image",
            "Before each path",
            "Put before the path of each picture",
            tip="/data/local-files/?d=",
        ),
    ] = ""
    columns: tuple[str, ...] = ()
    """The names of the columns of features that are asked for; see `Column`."""
    with_stacks: Annotated[
        bool,
        Option(
            "--stacks",
            "a number that copies and the frames of a burst share",
            "Stack numbers",
            tip="Copies of a picture and frames of a burst share a number",
        ),
    ] = False
    unlabelled: Annotated[
        bool,
        Option(
            "--unlabelled",
            "pictures without a label too, in a folder _unlabelled",
            "Pictures without a label",
            tip="In the folder _unlabelled",
        ),
    ] = False
    refuse_several: Annotated[
        bool,
        Option(
            "--refuse-several",
            "no picture may have several labels",
            "Refuse several labels for a picture",
            tip="Otherwise it goes into the folder of each of its names",
        ),
    ] = False


OPTIONS: Final[Mapping[str, Option]] = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(ExportOptions, include_extras=True).items()
    if name != "columns"
}
"""All options by name, but for the columns of features."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the labels CSV that a feature declares; it is there where it is asked for.

    Attributes:
        name: Its header, of small letters, digits and `-`; on the command line `--with-NAME`.
        help: What it is, there.
        text: What stands beside its box in the window.
        cells: Called with the project, of which it takes what it needs: it has some milliseconds.
            Returns a function from the rows of up to 64 images to their cells, which is called on
            the thread of the export, and of its preview.
        tip: What else there is to say in the window.
    """

    name: str
    help: str
    text: str
    cells: Callable[[Any], Cells]
    tip: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch("[a-z0-9-]+", self.name):
            raise ValueError(f"{self.name}: a column is named by a-z, 0-9 and -")

    @property
    def flag(self) -> str:
        """Its option on the command line."""
        return f"--with-{self.name}"


@dataclass(frozen=True, slots=True)
class ExportTask:
    """The input of a format.

    Attributes:
        cancel: Ends the writing; nothing is left of the output, or the report says what is.
        on_progress: Called now and then while images are gone through, on the writing thread.
    """

    export: LabelExport
    options: ExportOptions = ExportOptions()
    cancel: CancelToken = field(default_factory=CancelToken)
    on_progress: Callable[[Progress], None] = lambda _: None

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
            columns=options.columns,
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
    """The result of an export.

    Attributes:
        problems: Files that were left out or could not be written, and why.
        also: Other files that were written beside the output.
        undo: The log by which sidecars can be taken back; None for none.
        command: That of another program which applies what was written; empty for none.
        is_cancelled: Whether it was cancelled, and this is what is there.
        path: Where it was written; set once all is.
        written: By path the key of the content of what may be replaced the next time; likewise.
    """

    images: int
    problems: Sequence[tuple[str, Message]] = ()
    also: Sequence[Path] = ()
    notes: Sequence[Message] = ()
    undo: Path | None = None
    command: str = ""
    is_cancelled: bool = False
    path: Path | None = None
    written: Mapping[str, str] = field(default_factory=dict[str, str])


class Target(Enum):
    """The kind of output of a format."""

    FILE = Output
    FOLDER = FolderOutput
    SIDECARS = SidecarOutput


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format in which labels are delivered.

    Attributes:
        id: Its name on the command line.
        target: What it writes: a file, a folder, or files beside the pictures.
        ending: Of its file, with the dot; empty for a folder.
        kind: What an earlier output must be to be replaced unasked.
        options: The names of the fields of `ExportOptions` that it heeds.
        write: Writes an export, whole or not at all. The output is of the class that `target`
            names. Raises an OutputError where it must not be written, or cannot, and a
            CancelledError.
        has_numbers: Whether probabilities or scores stand in it, so that a model has to be asked.
        purpose: What it is for.
        has_best: Whether the best name has a place of its own, beside the label, where all columns
            are written.
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
    has_best: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if none := self.options - OPTIONS.keys() - {"columns"}:
            raise ValueError(f"{self.id}: no options: {sorted(none)}")

    def output(self, path: Path, *, overwrite: bool = False, **more: object) -> Output:
        """Return the output that `write` takes; `more` are other fields of `Output`."""
        make = cast("Callable[..., Output]", self.target.value)
        return make(path, self.kind, overwrite, **more)
