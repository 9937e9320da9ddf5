"""Puts the report on a bad day, of `nameplate doctor` and of the window, into words."""

from nameplate.domain.text import escaped
from nameplate.pipeline.diagnosis import Diagnosis
from nameplate.wording.texts import text_of


def facts_of(diagnosis: Diagnosis) -> dict[str, str]:
    """Return the facts in words, by their names; without those that say nothing."""
    texts = {
        name: value if isinstance(value, str) else text_of(value)
        for name, value in diagnosis.facts.items()
    }
    return {name: text for name, text in texts.items() if text}


def report_of(diagnosis: Diagnosis) -> str:
    """Return the report: a line for each fact and each problem, no line break at the end."""
    lines = [f"{name:20} {escaped(text)}" for name, text in facts_of(diagnosis).items()]
    lines += [f"PROBLEM  {escaped(text_of(problem))}" for problem in diagnosis.problems]
    return "\n".join(lines if diagnosis.problems else [*lines, "all is well"])
