"""Sentences about an import, before and after."""

from typing import Final

from nameplate.features.exchange.import_plan import ImportPlan
from nameplate.features.exchange.importing import Import
from nameplate.ui.widgets.painting import one_line
from nameplate.wording.numbers import counted

_MOST_NAMES: Final = 5
_LONGEST_NAME: Final = 40


def preview_sentences(plan: ImportPlan, found: Import) -> list[str]:
    """Return the preview of an import in sentences."""
    said = [f"{counted(plan.rows, 'row')}, {counted(len(plan.ids), 'picture')} of the project."]
    if plan.by_content:
        said.append(f"{plan.by_content:,} of these are known by what they hold, not by their path.")
    if plan.unknown:
        said.append(
            f"{counted(plan.unknown, 'row')} about no picture of the project; see the list."
        )
    if others := plan.problem_count - plan.unknown:
        said.append(f"{counted(others, 'row')} that cannot be used; see the list.")
    if plan.without:
        said.append(f"{counted(plan.without, 'row')} without a label.")
    if found.same:
        said.append(f"Labelled so already: {counted(found.same, 'picture')}.")
    if found.kept:
        said.append(f"Left as a person decided: {counted(found.kept, 'picture')}.")
    if found.new_names:
        said.append(f"New: {counted(len(found.new_names), 'name')}, {_names(found)}.")
    if found.makes_multi:
        said.append("A picture may have several labels from then on.")
    return said


def done_sentence(found: Import) -> str:
    """Return the result of an import in a sentence."""
    said = [f"{counted(found.changed, 'label')} imported"]
    said += [f"{counted(len(found.new_names), 'name')} added"] if found.new_names else []
    said += [f"{found.kept:,} left as a person decided"] if found.kept else []
    return f"{', '.join(said)}."


def button_text(found: Import) -> str:
    """Return the text of the import button."""
    return f"Import {counted(found.changed, 'label')}" if found.changed else "Nothing to import"


def _names(found: Import) -> str:
    names = [one_line(name)[:_LONGEST_NAME] for name in found.new_names[:_MOST_NAMES]]
    more = len(found.new_names) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more else "")
