"""What the export panel says: what is exported, what is asked, what happens to files."""

from pathlib import Path
from typing import Final

from nameplate.domain.messages import Message
from nameplate.formats.exported_image import Which
from nameplate.pipeline.exporting import ExportPreview
from nameplate.ui.widgets.painting import entry_text, one_line, shortened
from nameplate.wording.numbers import counted
from nameplate.wording.texts import error_text, text_of

OF_SUGGESTIONS: Final = ("suggestions-are-in-best", "names-are-suggestions")
"""Notes on suggestions among what is exported, for which the window has its own words."""

_LONGEST_NAME: Final = 40


def delivered(preview: ExportPreview) -> str:
    """Return how many labels are exported, and who gave them."""
    rest = preview.images - preview.decided
    automatic = min(preview.automatic, rest)
    suggested = min(preview.suggested, rest - automatic)
    nameless = rest - automatic - suggested
    skipped = preview.decided - preview.named[Which.DECIDED]
    checked = "checked by you" + (f" ({skipped:,} without a name)" if skipped else "")
    parts = (
        (preview.decided, checked),
        (automatic, "automatic"),
        (suggested, "suggested"),
        (nameless, "without a name"),
    )
    said = [(count, what) for count, what in parts if count]
    noun = "picture" if skipped or suggested or nameless else "label"
    all_of_them = counted(preview.images, noun)
    if not said:
        return f"{all_of_them}."
    if len(said) == 1 and preview.images > 1:
        return f"{all_of_them}, all {said[0][1]}."
    return f"{all_of_them}: {', '.join(f'{count:,} {what}' for count, what in said)}."


def left_out(preview: ExportPreview, which: Which) -> str:
    """Return how many pictures are not exported, and why; empty for none."""
    count = preview.total - preview.images
    unchecked = min(count, preview.total - preview.checked) if which is Which.DECIDED else 0
    parts = ((unchecked, "you haven't checked"), (count - unchecked, "without a label"))
    said = [f"{counted(some, 'picture')} {why}" for some, why in parts if some > 0]
    are = "is" if count == 1 else "are"
    return f"{' and '.join(said)} {are} left out." if said else ""


def question(preview: ExportPreview, *, has_best: bool) -> str:
    """Return what is asked about suggestions that nobody took; empty where there are none."""
    count = min(preview.suggested, preview.images - preview.decided)
    if count <= 0:
        return ""
    have, them = ("has", "it") if count == 1 else ("have", "them")
    their = "Its" if count == 1 else "Their"
    where = f" {their} “label” stays empty; the suggestion is in “best”." if has_best else ""
    said = f"{counted(count, 'picture')} {have} no label, only a suggestion."
    return f"{said} Export {them} too?{where}"


def note_sentence(note: Message) -> str:
    """Return a note on what was exported."""
    if note.code not in OF_SUGGESTIONS:
        return f"{text_of(note).rstrip('.')}."
    where = ", in the column “best”" if note.code == OF_SUGGESTIONS[0] else ""
    return f"{counted(int(str(note.parameters['count'])), 'name')} only suggested{where}."


def what_happens(preview: ExportPreview, *, is_moving: bool) -> tuple[str, str]:
    """Return what is in the way, or what happens to files, with its icon; empty for nothing."""
    if preview.problem is not None:
        return error_text(preview.problem), "warning"
    if is_moving:
        text = (
            f"{counted(preview.images, 'picture')} will leave the folders they are in. The project "
            "follows them, and you can put them back afterwards."
        )
        return text, "warning"
    if not preview.images:
        return "Nothing to export: no picture has a label for this format.", "warning"
    name = short_name(preview.path)
    return (f"{name} already exists.", "info") if preview.replaces else ("", "")


def begin_text(preview: ExportPreview, *, is_asked: bool) -> str:
    """Return the text of the button that exports; `is_asked`: labels alone are offered, too."""
    if preview.free:
        return f"Write to {entry_text(short_name(preview.free))}"
    if preview.replaces:
        return replace_text(preview)
    every = "all " if is_asked else ""
    return f"Export {every}{preview.labels:,}" if preview.labels else "Export"


def replace_text(preview: ExportPreview) -> str:
    """Return the text of the button that replaces what is there."""
    return f"Replace {entry_text(short_name(preview.path))}"


def short_name(path: Path) -> str:
    """Return the name of a file, which may be long, for a sentence or a button."""
    return shortened(one_line(path.name), _LONGEST_NAME)
