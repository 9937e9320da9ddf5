"""Exports labels: preview, writing, repeating the last export."""

import csv
import io
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nameplate.domain.errors import NameplateError, UsageError
from nameplate.domain.images import ImageTable
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Progress
from nameplate.formats.dry_run import FileDryRun, dry_run_of
from nameplate.formats.export_format import (
    CsvColumns,
    ExportFormat,
    ExportOptions,
    ExportReport,
    ExportTask,
    Target,
)
from nameplate.formats.exported_image import Which
from nameplate.formats.label_export import LabelExport
from nameplate.formats.outputs.output import CERTIFICATE, CERTIFICATE_ENDING, Output
from nameplate.formats.outputs.sidecar_output import SidecarOutput, new_log
from nameplate.formats.outputs.sidecar_undo import pictures_of
from nameplate.formats.registry import FORMATS
from nameplate.pipeline.certificate_file import certificate_text, why_incomplete, why_uncertified
from nameplate.storage.whole_folder import free_place
from nameplate.system.failures import reason_of
from nameplate.system.file_status import content_key

IN_THE_WAY: Final = ("must-not-replace", "folder-not-empty")
"""Codes of what another name helps against."""

_SHOWN_IMAGES: Final = 5
_SHOWN_FOLDERS: Final = 200
_LONGEST_CELL: Final = 300
_SHOWN_LINES: Final = 12


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """A requested export.

    Attributes:
        format: How.
        path: Where: a file, a folder, or `BESIDE_PICTURES`; None for a place that is suggested.
        overwrite: Whether the person agreed that a file which is there is replaced.
        written: What an export wrote before, by path the key of its content: where exactly that is
            there still, it may be replaced.
        consent: What a person can do to have another file replaced.
    """

    format: ExportFormat
    options: ExportOptions = field(default_factory=ExportOptions)
    path: Path | None = None
    overwrite: bool = False
    written: Mapping[str, str] = field(default_factory=dict[str, str])
    consent: Message = Message("replace-it")

    @property
    def which(self) -> Which:
        """Which names are delivered."""
        return self.options.which if "which" in self.format.options else Which.DECIDED

    @property
    def has_best(self) -> bool:
        """Whether the best names are asked for."""
        return self.which is Which.BEST

    @property
    def has_best_column(self) -> bool:
        """Whether the best names, where they are asked for, have a place beside the label."""
        return self.format.has_best and self.options.csv_columns is CsvColumns.ALL

    @property
    def has_numbers(self) -> bool:
        """Whether probabilities or scores are delivered."""
        options = self.options
        has_any = options.csv_columns is CsvColumns.ALL or options.all_scores
        return self.format.has_numbers and has_any

    @property
    def needs_scores(self) -> bool:
        """Whether it delivers results of a model."""
        return self.has_numbers or self.has_best

    def output(self, images: Sequence[str], model: Path | None) -> Output:
        """Return the output of this export; its path must be known.

        It replaces none of the images, and writes nothing into the folder of the model.
        """
        if self.path is None:
            raise ValueError("an export needs a place")
        return self.format.output(
            self.path,
            overwrite=self.overwrite,
            consent=self.consent,
            images=images,
            model=model,
        )


@dataclass(frozen=True, slots=True)
class ExportPreview:
    """The preview of an export.

    Attributes:
        path: Where; a place that is suggested if the request named none.
        decided: The number of these that a person checked.
        checked: The number of all images that a person checked.
        which: Which names are delivered.
        named: How many images would be delivered with a label, by what could be asked for.
        header: The cells above `rows`; empty where these are lines of text, or folders.
        rows: The first rows of a table, or lines of a text.
        folders: Folders with the number of pictures that would come into each.
        more: The number of folders that are not listed.
        notes: What else a person should know.
        automatic: The number of these that have a label of the program which nobody checked.
        given: Of these that have a label which came with them and nobody checked.
        suggested: The number of these with a suggestion alone, where suggestions are exported.
        replaces: Whether a file that is there will be replaced.
        problem: Why it cannot be written; None if it can.
        free: A place beside that of the request, where something is in the way; None otherwise.
        certificate: The claim of the certificate that goes along; None for none.
        uncertified: Why none does; None where there never was one.
    """

    path: Path
    images: int
    decided: int
    checked: int
    which: Which
    named: Mapping[Which, int]
    header: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    folders: Sequence[tuple[str, int]] = ()
    more: int = 0
    notes: Sequence[Message] = ()
    total: int = 0
    automatic: int = 0
    given: int = 0
    suggested: int = 0
    replaces: bool = False
    problem: NameplateError | None = None
    free: Path | None = None
    certificate: Message | None = None
    uncertified: Message | None = None

    @property
    def labels(self) -> int:
        """The number of labels that are delivered."""
        return self.named[self.which]

    @property
    def is_replaceable(self) -> bool:
        """Whether only consent to replace files is missing."""
        return self.problem is not None and self.problem.reason.code == "must-not-replace"


def preview_export(
    export: LabelExport, request: ExportRequest, model: Path | None, cancel: CancelToken
) -> ExportPreview:
    """Return the preview of an export; writes nothing, nor would into the folder of `model`."""
    path = request.path or suggested_place(export, request.format)
    which = request.which
    checked = export.count(Which.DECIDED)
    preview = ExportPreview(
        path,
        export.count(which),
        checked,
        checked,
        which,
        {one: export.count_named(one) for one in Which},
        notes=_notes_on_names(export, request),
        total=export.images.present,
        automatic=0 if which is Which.DECIDED else export.count_automatic(),
        given=0 if which is Which.DECIDED else export.count_given(),
        suggested=export.count_suggested() if request.has_best else 0,
    )
    why, certificate = _why_uncertified(export, request), export.certificate
    claim = certificate.paragraphs[0] if certificate and why is None else None
    preview, problem = replace(preview, certificate=claim, uncertified=why), None
    try:
        output = _output_of(export, replace(request, path=path), model, cancel)
        output.check()
        if beside := _certificate_output(export, request, output):
            beside.check()
        preview = replace(preview, replaces=output.exists)
    except NameplateError as error:
        free = free_place(path, request.format.ending)
        if error.reason.code in IN_THE_WAY and free != path:
            if request.path is None:
                return preview_export(export, replace(request, path=free), model, cancel)
            preview = replace(preview, free=free)
        problem = error
    try:
        preview = _rehearsed(preview, export, request, cancel)
    except NameplateError as error:
        problem = problem or error
    return replace(preview, problem=problem)


def write_export(
    export: LabelExport,
    request: ExportRequest,
    model: Path | None,
    cancel: CancelToken,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> ExportReport:
    """Write an export, all or nothing; nothing into the folder of the model in use.

    After a cancel nothing is left, or the report says what is. `on_progress` is called now and
    then, on this thread.

    Raises:
        OutputError: It must not be written, or cannot.
        UsageError: The options are unfit.
    """
    if request.path is None:
        request = replace(request, path=suggested_place(export, request.format))
    output = _output_of(export, request, model, cancel)
    output.check()
    notes = _notes_on_names(export, request)
    if certificate := _certificate_output(export, request, output):
        certificate.check()
    elif why := _why_uncertified(export, request):
        notes = [*notes, why]
    task = ExportTask(export, request.options, cancel, on_progress)
    with _logged(output) as logged:
        report = request.format.write(task, logged)
    # It is written: what fails from here on is said, and fails nothing.
    report = replace(report, notes=(*report.notes, *notes))
    if certificate:
        report = _certified(export, certificate, output.path, report)
    written = dict[str, str]()
    if request.format.target is Target.FILE and not output.is_stdout:
        with suppress(OSError):  # then it is asked about the next time
            written = {str(path): content_key(path) for path in (output.path, *report.also)}
    return replace(report, path=request.path, written=written)


def _notes_on_names(export: LabelExport, request: ExportRequest) -> list[Message]:
    """Return how many of the best names are suggestions, and how many images are not read."""
    if not request.has_best:
        return []
    notes, suggested, unread = list[Message](), export.count_suggested(), export.count_unread()
    if suggested and request.has_best_column:
        notes.append(Message("suggestions-are-in-best", {"count": suggested}))
    elif suggested:
        notes.append(Message("names-are-suggestions", {"count": suggested}))
    if unread:
        notes.append(Message("pictures-not-read-yet", {"count": unread}))
    return notes


def _why_uncertified(export: LabelExport, request: ExportRequest) -> Message | None:
    which, has_best = request.which, request.has_best_column
    return why_uncertified(export, request.format, which, has_best=has_best)


def _certificate_output(
    export: LabelExport, request: ExportRequest, output: Output
) -> Output | None:
    """Return the output for the certificate, beside the labels; None if there is none."""
    why = _why_uncertified(export, request)
    if export.certificate is None or output.is_stdout or why is not None:
        return None
    path = output.path.with_name(f"{output.path.name}{CERTIFICATE_ENDING}")
    beside = Output(path, CERTIFICATE, output.overwrite, output.images)
    return replace(beside, model=output.model, consent=output.consent)


def _certified(
    export: LabelExport, output: Output, labels: Path, report: ExportReport
) -> ExportReport:
    """Write the certificate of labels that were written; the report says where none is.

    The labels are there, whatever becomes of it.
    """
    certificate = export.certificate
    assert certificate is not None  # noqa: S101 - as `_certificate_output` says
    there = min(report.images, certificate.labels - len(report.problems))
    try:
        if (why := why_incomplete(certificate, there)) is None:
            output.write_bytes(certificate_text(export, certificate, labels))
            return replace(report, also=(*report.also, output.path))
    except NameplateError as error:
        why = Message("certificate-not-written", {"why": error.reason})
    except OSError as error:
        why = Message("certificate-not-written", {"why": reason_of(error)})
    return replace(report, notes=(*report.notes, why))


@contextmanager
def _logged(output: Output) -> Generator[Output]:
    """Yield an output whose sidecars are noted in a log, which stays if there are any.

    Raises:
        OutputError: There can be no log.
    """
    if not isinstance(output, SidecarOutput):
        yield output
        return
    log = new_log()
    try:
        yield replace(output, log=log)
    finally:
        with suppress(OSError):
            if not log.stat().st_size:
                log.unlink()


def is_log_of(log: Path, images: ImageTable) -> bool:
    """Return whether a log is there, and tells of sidecars of these pictures alone."""
    try:
        pictures = pictures_of(log)
    except UsageError:
        return False
    own = map(os.path.abspath, images.paths.texts)
    return bool(pictures) and not pictures.difference(own)


def suggested_place(export: LabelExport, chosen: ExportFormat) -> Path:
    """Return where an export could go: beside the folder of the pictures.

    No two formats are sent to the same place.
    """
    root = Path(export.root() or Path.home() / "nameplate")
    beside = root.parent / (root.name or "nameplate")
    match chosen.target:
        case Target.FILE:
            same_ending = [one for one in FORMATS.values() if one.ending == chosen.ending]
            name = "labels" if chosen is same_ending[0] else f"labels-{chosen.id}"
            return beside.with_name(f"{beside.name}-{name}{chosen.ending}")
        case Target.FOLDER | Target.SIDECARS:
            return free_place(beside.with_name(f"{beside.name}-{chosen.id}"))


def _output_of(
    export: LabelExport, request: ExportRequest, model: Path | None, cancel: CancelToken
) -> Output:
    """Return the output of a request; it may overwrite the unchanged files of an earlier export."""
    output = request.output(export.images.paths.texts, model)
    if _is_as_written(output.path, request.written, cancel):
        return replace(output, overwrite=True)
    return output


def _is_as_written(path: Path, written: Mapping[str, str], cancel: CancelToken) -> bool:
    """Return whether all files there are unchanged ones of an earlier export."""
    if str(path) not in written:
        return False
    try:
        there = [one for one in written if os.path.lexists(one)]
        return all(content_key(Path(one), cancel) == written[one] for one in there)
    except OSError:
        return False


def _rehearsed(
    preview: ExportPreview, export: LabelExport, request: ExportRequest, cancel: CancelToken
) -> ExportPreview:
    """Return a preview with the results of a dry run.

    Raises:
        NameplateError: The format refuses it.
    """
    chosen = request.format
    is_file = chosen.target is Target.FILE
    few = replace(export, most=_SHOWN_IMAGES) if is_file else export
    output = dry_run_of(chosen, preview.path)
    report = chosen.write(ExportTask(few, request.options, cancel), output)
    if isinstance(output, FileDryRun):
        header, rows = _first_rows(output.files[preview.path], chosen.ending)
        return replace(preview, header=header, rows=rows)
    folders = sorted(output.folders.items())
    shown, more = folders[:_SHOWN_FOLDERS], max(0, len(folders) - _SHOWN_FOLDERS)
    # A folder for each label has none for what was skipped.
    is_partial = chosen.target is Target.FOLDER and report.images < preview.images
    decided = preview.named[Which.DECIDED] if is_partial else preview.decided
    return replace(preview, images=report.images, decided=decided, folders=shown, more=more)


def _first_rows(content: bytes, ending: str) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a table, or the lines of another text without header."""
    text = content.decode("utf-8-sig", errors="replace")
    if ending == ".csv":
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        return header, [[cell[:_LONGEST_CELL] for cell in row] for row in rows]
    return [], [[line[:_LONGEST_CELL]] for line in text.splitlines()[:_SHOWN_LINES]]
