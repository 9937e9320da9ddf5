"""What the export panel says: what is exported, what is asked, what happens to files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nameplate.domain.messages import Message
from nameplate.domain.text import deferred
from nameplate.formats.export_format import ExportReport, Target
from nameplate.formats.exported_image import Which
from nameplate.formats.outputs.sidecar_output import BESIDE_PICTURES
from nameplate.pipeline.exporting import ExportPreview, ExportRequest
from nameplate.ui.widgets.painting import entry_text, one_line, shortened
from nameplate.wording.texts import error_text, listed, pictures_text, sentences, text_of, tr, trn

OF_SUGGESTIONS: Final = ("suggestions-are-in-best", "names-are-suggestions")
"""Notes on suggestions among what is exported, for which the window has its own words."""

_LONGEST_NAME: Final = 40


_GIVEN: Final = (
    (deferred("{count:,} checked by you"), deferred("{labels}, all checked by you.")),
    (deferred("{count:,} automatic"), deferred("{labels}, all automatic.")),
    (deferred("{count:,} given"), deferred("{labels}, all given, not checked.")),
    (deferred("{count:,} suggested"), deferred("{labels}, all suggested.")),
    (deferred("{count:,} without a name"), deferred("{labels}, all without a name.")),
)
"""Who gave so many of the labels, and likewise where that is all of them."""

_CHECKED: Final = (
    deferred("{count:,} checked by you ({skipped:,} skipped)"),
    deferred("{labels}, all checked by you ({skipped:,} skipped)."),
)


def delivered(preview: ExportPreview) -> str:
    """Return how many labels are exported, and who gave them."""
    rest = preview.images - preview.decided
    automatic = min(preview.automatic, rest)
    given = min(preview.given, rest - automatic)
    suggested = min(preview.suggested, rest - automatic - given)
    unnamed = rest - automatic - given - suggested
    skipped = preview.decided - preview.named[Which.DECIDED]
    words = (_CHECKED if skipped else _GIVEN[0], *_GIVEN[1:])
    parts = zip((preview.decided, automatic, given, suggested, unnamed), words, strict=True)
    said = [(count, some, every) for count, (some, every) in parts if count]
    labels = trn("{count:,} label", "{count:,} labels", preview.images)
    if skipped or suggested or unnamed:
        labels = pictures_text(preview.images)
    if not said:
        # translators: how a sentence ends
        return tr("{text}.", text=labels)
    if len(said) == 1 and preview.images > 1:
        return tr(said[0][2], labels=labels, skipped=skipped)
    counts = listed([tr(some, count=count, skipped=skipped) for count, some, _ in said])
    return tr("{labels}: {counts}.", labels=labels, counts=counts)


def left_out(preview: ExportPreview) -> str:
    """Return how many pictures are not exported, and why; empty for none."""
    count = preview.total - preview.images
    is_checked_alone = preview.which is Which.DECIDED
    unchecked = min(count, preview.total - preview.checked) if is_checked_alone else 0
    rest = count - unchecked
    return sentences(
        trn(
            "{count:,} picture you haven't checked is left out.",
            "{count:,} pictures you haven't checked are left out.",
            unchecked,
            zero="",
        ),
        trn(
            "{count:,} picture without a label is left out.",
            "{count:,} pictures without a label are left out.",
            max(0, rest),
            zero="",
        ),
    )


def question(preview: ExportPreview, *, has_best: bool) -> str:
    """Return what is asked about suggestions that nobody took; empty where there are none."""
    count = min(preview.suggested, preview.images - preview.decided)
    if count <= 0:
        return ""
    asked = trn(
        "{count:,} picture has no label, only a suggestion. Export it too?",
        "{count:,} pictures have no label, only a suggestion. Export them too?",
        count,
    )
    where = trn(
        "Its “label” stays empty; the suggestion is in “best”.",
        "Their “label” stays empty; the suggestion is in “best”.",
        count,
    )
    return sentences(asked, where if has_best else "")


def note_sentence(note: Message) -> str:
    """Return a note on what was exported."""
    if note.code not in OF_SUGGESTIONS:
        return tr("{text}.", text=text_of(note).rstrip("."))
    count = int(str(note.parameters["count"]))
    if note.code != OF_SUGGESTIONS[0]:
        return trn("{count:,} name only suggested.", "{count:,} names only suggested.", count)
    return trn(
        "{count:,} name only suggested, in the column “best”.",
        "{count:,} names only suggested, in the column “best”.",
        count,
    )


def written(report: ExportReport, request: ExportRequest, name: str) -> str:
    """Return what was written, and where: to the file or folder of this name."""
    count = report.images
    match request.format.target:
        case Target.FILE:
            things = trn("{count:,} row", "{count:,} rows", count)
        case Target.FOLDER:
            things = pictures_text(count)
        case Target.SIDECARS:
            things = trn("{count:,} sidecar", "{count:,} sidecars", count)
    if request.path == BESIDE_PICTURES:
        return tr("Wrote {things} beside the pictures.", things=things)
    return tr("Wrote {things} to {name}.", things=things, name=name)


def problems_sentence(problems: Sequence[tuple[str, Message]]) -> str:
    """Return how many problems there are, and the first of them; empty for none."""
    if not problems:
        return ""
    return trn(
        "{count:,} problem; the first: {place}: {problem}.",
        "{count:,} problems; the first: {place}: {problem}.",
        len(problems),
        place=problems[0][0],
        problem=problems[0][1],
    )


def what_happens(preview: ExportPreview) -> tuple[str, str]:
    """Return what is in the way, or what is replaced, with its icon; empty for nothing."""
    if preview.problem is not None:
        return error_text(preview.problem), "warning"
    if not preview.images:
        return tr("Nothing to export: no picture has a label for this format."), "warning"
    exists = tr("{name} already exists.", name=short_name(preview.path))
    return (exists, "info") if preview.replaces else ("", "")


def begin_text(preview: ExportPreview, *, is_asked: bool) -> str:
    """Return the text of the button that exports; `is_asked`: labels alone are offered, too."""
    if preview.free:
        return tr("Write to {name}", name=entry_text(short_name(preview.free)))
    if preview.replaces:
        return replace_text(preview)
    if not preview.labels:
        return tr("Export")
    if is_asked:
        return tr("Export all {count:,}", count=preview.images)
    if preview.labels != preview.images:  # skipped or unreadable pictures go along
        return trn("Export {count:,} label", "Export {count:,} labels", preview.labels)
    return tr("Export {count:,}", count=preview.labels)


def replace_text(preview: ExportPreview) -> str:
    """Return the text of the button that replaces what is there."""
    return tr("Replace {name}", name=entry_text(short_name(preview.path)))


def short_name(path: Path) -> str:
    """Return the name of a file, which may be long, for a sentence or a button."""
    return shortened(one_line(path.name), _LONGEST_NAME)
