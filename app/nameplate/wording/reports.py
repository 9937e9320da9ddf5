"""Formats the diagnostic report of `nameplate doctor` and the window as text."""

from nameplate.domain.text import escaped
from nameplate.pipeline.diagnosis import Diagnosis
from nameplate.wording.texts import text_of


def facts_of(diagnosis: Diagnosis) -> dict[str, str]:
    """Return the facts in words by their names, without empty ones."""
    texts = {
        name: value if isinstance(value, str) else text_of(value)
        for name, value in diagnosis.facts.items()
    }
    return {name: text for name, text in texts.items() if text}


def report_of(diagnosis: Diagnosis) -> str:
    """Return the report: a line per fact and problem, without a final line break."""
    lines = [f"{name:20} {escaped(text)}" for name, text in facts_of(diagnosis).items()]
    lines += [f"PROBLEM  {escaped(text_of(problem))}" for problem in diagnosis.problems]
    return "\n".join(lines if diagnosis.problems else [*lines, "all is well"])
