"""Extracts the English texts of the program and brings the translations up to date.

    python packaging/translations.py update     # after a changed text; a new language: update de
    python packaging/translations.py check      # what is missing or wrong, and how complete each is

The texts are found by what the code calls (`tr`, `trn`, `plain`, `deferred`), by the fields of
declarations (`DECLARED`), in the files of messages, in the template sets, in the catalogue of
models and in the starter's manifest. A comment `# translators: ...` on the line above goes along.
The command line is in English: the help of a command, an option or a column, and the messages in
the tables `[command-line]`, are left out.
"""

import argparse
import ast
import re
import string
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from compile_translations import compile_all

from nameplate.wording.translation import names_one

ROOT: Final = Path(__file__).resolve().parents[1]
APP: Final = ROOT / "app" / "nameplate"
TRANSLATIONS: Final = ROOT / "packaging" / "translations"

DECLARED: Final[Mapping[str, tuple[str, ...]]] = {
    "Action": ("", "text", *[""] * 5, "tip", *[""] * 6, "words", "room"),
    "GuidePage": ("", "title"),
    "Drop": ("", "ask", "answer"),
    "Finding": ("", "title", "words", "none"),
    "NameAction": ("", "text"),
    "Option": ("", "", "text", "name", "tip", "values"),
    "Column": ("", "", "text", "", "tip"),
    "ExportFormat": ("", "title"),
    "ImportFormat": ("", "title"),
    "Preference": ("text", "tip", "", "values", "unit", "zero"),
}
"""The fields of declarations that hold texts, by class; empty ones keep the place of others."""

CALLS: Final = ("tr", "plain", "deferred")
FIELDS_OF_MODELS: Final = ("recommended", "summary", "languages", "licence")


@dataclass(frozen=True, slots=True)
class Found:
    """A text of the program.

    Attributes:
        text: In English.
        many: The text for any number but 1; empty where there is none.
        context: Tells it from others that are the same in English.
        comment: What translators should know.
    """

    text: str
    many: str = ""
    context: str = ""
    comment: str = ""


# ---- finding texts


def texts() -> Iterator[Found]:
    """Yield all texts, in the order of the files."""
    for path in sorted(APP.rglob("*.py")):
        yield from texts_of_code(path.read_text(encoding="utf-8"), _name(path))
    messages = [ROOT / "resources" / "messages" / "en.toml", *sorted(APP.rglob("texts.toml"))]
    for path in messages:
        yield from _of_messages(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "resources" / "templates").glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.fullmatch(r"# title: (.+)", line):
                yield Found(found[1])
    path = ROOT / "models" / "catalogue.toml"
    for model in tomllib.loads(path.read_text(encoding="utf-8"))["models"]:
        for field in FIELDS_OF_MODELS:
            if field in model:
                yield Found(model[field], comment=f"Of the model {model['title']}.")
    path = ROOT / "models" / "starter" / "model.toml"
    yield Found(tomllib.loads(path.read_text(encoding="utf-8"))["languages"])


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def texts_of_code(source: str, where: str) -> Iterator[Found]:
    """Yield the texts of a module.

    Raises:
        ValueError: A text is asked for while the module is imported, before the language is known.
    """
    tree, lines = ast.parse(source), source.splitlines()
    at_import = set(map(id, _at_import(tree)))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        comment = _comment_above(lines, node.lineno)
        if name in ("tr", "trn", "plain") and node.args and id(node) in at_import:
            raise ValueError(f"{where}:{node.lineno}: {name} is called at import; use deferred")
        if name in CALLS:
            context = next((text for arg in node.args[1:2] for text in _literals(arg)), "")
            for text in _literals(node.args[0]) if node.args else ():
                yield Found(text, context=context, comment=comment)
        elif name == "trn":
            for one, many in zip(*map(_literals, node.args[:2]), strict=True):
                yield from _of_number(one, many, comment)
        elif name in DECLARED:
            for text in _declared(node, DECLARED[name]):
                yield Found(text, comment=comment)


_LATER: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a module is imported: of a function its defaults and decorators."""
    yield node
    later = getattr(node, "body", ()) if isinstance(node, _LATER) else ()
    for child in ast.iter_child_nodes(node):
        if child is not later and child not in (later if isinstance(later, list) else ()):
            yield from _at_import(child)


def _declared(call: ast.Call, fields: tuple[str, ...]) -> Iterator[str]:
    for field, value in zip(fields, call.args, strict=False):
        if field:
            yield from _texts_within(value)
    for keyword in call.keywords:
        if keyword.arg in fields and keyword.arg:
            yield from _texts_within(keyword.value)


def _texts_within(value: ast.expr) -> Iterator[str]:
    """Yield a text, the texts of a mapping, or what follows the keys in a tuple of pairs.

    Raises:
        TypeError: It is the name of a text, which stands elsewhere and would not be found.
    """
    if isinstance(value, ast.Name):
        raise TypeError(f"{value.id}: a declaration has its texts itself, not by name")
    if isinstance(value, ast.Dict):
        for one in value.values:
            yield from _texts_within(one)
    elif isinstance(value, ast.Tuple):
        for pair in value.elts:
            if isinstance(pair, ast.Tuple):
                yield from _texts_within(pair.elts[-1])
    else:
        yield from filter(None, _literals(value))


def _literals(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=one, orelse=other):
            return _literals(one) + _literals(other)
        case _:
            return []


def _of_number(one: str, many: str, comment: str) -> Iterator[Found]:
    if names_one(one):
        yield Found(one, comment=comment)
        one = many
    yield Found(one, many, comment=comment)


def _comment_above(lines: list[str], line: int) -> str:
    above = lines[line - 2].strip() if line >= 2 else ""
    return above.removeprefix("# translators: ") if above.startswith("# translators: ") else ""


def _of_messages(content: str) -> Iterator[Found]:
    comments = dict(re.findall(r"^\[([\w-]+)\] *# *(.+)$", content, re.MULTILINE))
    for table, entries in tomllib.loads(content).items():
        for value in entries.values() if table != "command-line" else ():
            entry = value if isinstance(value, dict) else {"what": value}
            whats = entry["what"] if isinstance(entry["what"], list) else [entry["what"]]
            comment = comments.get(table, "")
            if len(whats) > 1:
                yield from _of_number(whats[0], whats[1], comment)
            else:
                yield Found(whats[0], comment=comment)
            if remedy := entry.get("remedy"):
                yield Found(remedy, comment="What to do, as a sentence of its own.")


# ---- catalogues

TWO_FORMS: Final = {
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}
"""Without the third form, of millions alone, which no text here needs."""

_HEADER: Final = """# {0.locale.english_name} texts of Nameplate.
msgid ""
msgstr ""
"Project-Id-Version: Nameplate\\n"
"Language: {0.locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {1}\\n"

"""
"""Without dates, so that a file changes with its texts alone."""


def template(found: Iterable[Found]) -> Catalog:
    """Return the catalogue of all texts.

    Raises:
        ValueError: Two texts are the same for 1, but not for other numbers.
    """
    catalogue = Catalog(project="Nameplate", charset="utf-8", fuzzy=False)
    plurals = dict[tuple[str, str], str]()
    for one in found:
        key = (one.context, one.text)
        if one.many and plurals.setdefault(key, one.many) != one.many:
            raise ValueError(f"two plurals of one text: {one.many!r}, {plurals[key]!r}")
        many = plurals.get(key, "")
        catalogue.add(
            (one.text, many) if many else one.text,
            auto_comments=[one.comment] if one.comment else [],
            context=one.context or None,
        )
    return catalogue


def load(path: Path) -> Catalog:
    """Return the catalogue of a PO file."""
    with path.open("rb") as stream:
        return read_po(stream, locale=path.stem)


def keys(catalogue: Catalog) -> set[tuple[str, str, str]]:
    """Return context, text and plural of each text."""
    return {_key(message) for message in catalogue if message.id}


def _key(message: Message) -> tuple[str, str, str]:
    one, many = message.id if isinstance(message.id, tuple) else (message.id, "")
    return message.context or "", one, many


def update(path: Path, of: Catalog) -> None:
    """Bring a PO file up to date: what is new is empty, what was changed is marked as uncertain."""
    if not path.exists():
        new = Catalog(locale=path.stem, charset="utf-8")
        forms = TWO_FORMS.get(path.stem, new.plural_forms)
        path.write_text(_HEADER.format(new, forms), encoding="utf-8")
    found = load(path)
    found.update(of, update_creation_date=False)
    found.obsolete.clear()
    with path.open("wb") as stream:
        write_po(stream, found, width=100, include_lineno=False, omit_header=True)
    path.write_text(
        _HEADER.format(found, found.plural_forms) + path.read_text(encoding="utf-8"),
        encoding="utf-8",
    )


# ---- checks


def problems(catalogue: Catalog) -> Iterator[str]:
    """Yield what is wrong with the translations that there are, a line each."""
    for message in catalogue:
        if not message.id or message.fuzzy or not done(message):
            continue
        english = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        may = set[str]().union(*map(fields, english))
        for at, text in enumerate(strings):
            theirs = fields(text)
            must = fields(english[0] if at == 0 and len(strings) > 1 else english[-1])
            if theirs - may or (must - theirs - {"count", "count:,"}):
                yield f"{english[0]!r}: fields {sorted(must)}, translated with {sorted(theirs)}"
            is_separator = bool(message.context)
            if not is_separator and text.strip() != text and english[0].strip() == english[0]:
                yield f"{english[0]!r}: spaces around {text!r}"


_FORMAT: Final = re.compile(r"z?,?(\.\d+)?(f|g|%)?|bytes|duration|million|remedy|whole|translated")
"""A format that a translation keeps; anything else stands between several, and is translated."""


def fields(text: str) -> set[str]:
    """Return the fields of a text with their formats.

    What stands between several is for translators, and left out. Of a text that cannot be read,
    what no text has.
    """
    try:
        return {
            f"{name}:{form}" if form and _FORMAT.fullmatch(form) else name
            for _, name, form, _ in string.Formatter().parse(text)
            if name is not None
        }
    except ValueError:
        return {"}{"}


def done(message: Message) -> bool:
    """Return whether a text is translated, in all its forms."""
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return bool(strings) and all(strings) and not message.fuzzy


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the English texts that are not translated, or whose translation is uncertain."""
    left = (message.id for message in catalogue if message.id and not done(message))
    return [of[0] if isinstance(of, tuple) else of for of in left]


def main() -> int:
    """Do what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("do", choices=("update", "check"))
    parser.add_argument("languages", nargs="*", help="those of new files, such as it or pt_BR")
    args = parser.parse_args()
    of, bad = template(texts()), 0
    paths = {TRANSLATIONS / f"{code}.po" for code in args.languages} | {*TRANSLATIONS.glob("*.po")}
    for path in sorted(paths):
        if args.do == "update":
            update(path, of)
        found = load(path)
        lines = [*problems(found), *[f"not in the code: {key}" for key in keys(found) - keys(of)]]
        lines += [f"new: {key}" for key in keys(of) - keys(found)]
        bad += len(lines)
        left = untranslated(found)
        lines += [f"not translated: {text!r}" for text in left]
        count = f"{len(found) - len(left)} of {len(found)} texts are translated"
        print(*lines, f"{path.stem}: {count}", sep="\n")
    if args.do == "update":
        compile_all(ROOT)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
