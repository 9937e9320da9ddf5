"""Template sets: the sentences that turn a name into prompts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.text import lines_of

SLOT: Final = "{}"


@dataclass(frozen=True, slots=True)
class TemplateSet:
    """Templates whose prompts are encoded and averaged to the vector of a concept.

    Attributes:
        templates: Sentences with one `{}` each.
    """

    id: str
    title: str
    templates: tuple[str, ...]


def parse_template_set(set_id: str, text: str, where: str) -> TemplateSet:
    """Parse a template set: `# title: ...`, other `#` comments, then one template per line.

    Raises:
        UsageError: A line has no `{}` or more than one, or there is no template.
    """
    title, templates = set_id, list[str]()
    for number, line in enumerate(lines_of(text), 1):
        stripped = line.strip()
        if stripped.startswith("# title:"):
            title = stripped.removeprefix("# title:").strip()
        elif stripped and not stripped.startswith("#"):
            at = Message("line", {"file": where, "line": number})
            templates.append(checked(stripped, at))
    if not templates:
        raise UsageError("no-templates-in-it", where=where)
    return TemplateSet(set_id, title, tuple(templates))


def checked(template: str, where: str | Message = "") -> str:
    """Return `template` if it has exactly one `{}`.

    Raises:
        UsageError: It has none, or several.
    """
    if template.count(SLOT) != 1:
        raise UsageError("template-without-slot", where=where, template=template)
    return template


def prompts_of(
    concept: Concept, template_set: TemplateSet, said: Callable[[str], str] = str
) -> tuple[str, ...]:
    """Return every prompt of the concept: each of its names in each template.

    The concept's own prompts replace the template set; one without `{}` is used unchanged.
    An underscore in a name becomes a space in the prompt: folders have names such as `sea_lion`.
    `said` translates a name for use in prompts.
    """
    templates = concept.prompts or template_set.templates
    spoken = [said(name.replace("_", " ")) for name in concept.names]
    prompts = (t.replace(SLOT, name) for name in spoken for t in templates)
    return tuple(dict.fromkeys(prompts) if concept.prompts else prompts)
