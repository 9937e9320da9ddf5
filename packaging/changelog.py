"""The CHANGELOG: what is unreleased, and the files in `changes`, become a version's section."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

KINDS: Final = ("added", "changed", "fixed", "removed", "security")
UNRELEASED: Final = "## Unreleased"


class ChangelogError(Exception):
    """The CHANGELOG or a file in `changes` has another form."""


def fragments(folder: Path) -> dict[Path, str]:
    """Return the kind of each file in `changes`, in the order of their names."""
    found: dict[Path, str] = {}
    for file in sorted(folder.glob("*.md")):
        kind = file.name.split(".")[-2]
        if file.name == "README.md":
            continue
        if kind not in KINDS:
            raise ChangelogError(
                f"{file.name}: name it NAME.KIND.md, KIND one of {', '.join(KINDS)}"
            )
        found[file] = kind
    return found


def released(changelog: str, new: Mapping[Path, str], version: str, date: str) -> tuple[str, str]:
    """Return the changelog with what is unreleased as a version, and the text of that section."""
    if changelog.count(UNRELEASED) != 1:
        raise ChangelogError(f"CHANGELOG.md has no single line “{UNRELEASED}”")
    head, _, rest = changelog.partition(UNRELEASED)
    body, mark, older = rest.partition("\n## ")
    parts = re.split(r"(?m)^### (\w+)\n", body)
    texts = dict.fromkeys(KINDS, "")
    if parts[0].strip():
        raise ChangelogError("CHANGELOG.md: something stands above the first “###”")
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        if heading.lower() not in KINDS:
            raise ChangelogError(f"CHANGELOG.md: “### {heading}” is none of {', '.join(KINDS)}")
        texts[heading.lower()] = text.strip("\n")
    for file, kind in new.items():
        line = " ".join(file.read_text("utf-8").split())
        texts[kind] = f"{texts[kind]}\n- {line.removeprefix('- ')}".strip("\n")
    shown = [f"### {kind.title()}\n\n{text}" for kind, text in texts.items() if text]
    if not shown:
        raise ChangelogError("nothing has changed since the last version")
    section = "\n\n".join(shown) + "\n"
    heading = f"## {version} - {date}"
    return f"{head}{UNRELEASED}\n\n{heading}\n\n{section}{mark}{older}", section
