"""Every message of the program has a text, and each text fits the messages that it is for."""

import ast
import string
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import nameplate
from corpus.frozen import has_all_features
from nameplate.storage.resources import resource
from nameplate.wording.texts import catalogue, texts_in

PACKAGE = Path(nameplate.__file__).parent
MESSAGES = ("Message", "Title")
NOT_PARAMETERS = {"where", "retry_after"}
MADE_FROM_OUTSIDE = {  # of values that may hold any code
    "domain/messages.py",
    "domain/errors.py",
    "project/file/read.py",
    "project/history.py",
}
"""Files that make messages whose code is in none of them."""

STEPS = set(tomllib.loads(resource("messages", "en.toml").read_text(encoding="utf-8"))["steps"])
"""Titles of steps stay readable when the feature that took them is gone."""

GENERAL = {"at", "failed"}
"""Codes that these files and the words themselves know."""

EARLIER = {
    "begin-promise",
    "end-promise",
    "give-promised",
    "keep-best",
    "last-page",
    "make-promise-smaller",
    "parent",
}
"""Titles of steps that only projects of earlier versions have."""


@dataclass(frozen=True)
class Site:
    """A place in the code that makes a message."""

    place: str
    code: str
    parameters: frozenset[str]


def error_names() -> set[str]:
    """Return the names of `NameplateError` and of all classes that derive from it."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for _, nodes in modules()
        for node in nodes
        if isinstance(node, ast.ClassDef)
    }
    names = {"NameplateError"}
    while more := {name for name, of in bases.items() if of & names} - names:
        names |= more
    return names


@cache
def modules() -> list[tuple[str, list[ast.ClassDef | ast.Call]]]:
    """Return the classes and calls of each module of the program."""
    return [
        (
            path.relative_to(PACKAGE).as_posix(),
            [
                node
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.ClassDef | ast.Call)
            ],
        )
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


def literals(node: ast.expr) -> list[str] | None:
    """Return the texts that an expression may be; None where it is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=one, orelse=other):
            both = literals(one), literals(other)
            return None if None in both else [text for texts in both for text in texts or ()]
        case _:
            return None


@cache
def sites() -> list[Site]:
    errors, found = error_names(), list[Site]()
    for module, nodes in modules():
        for call in nodes:
            if (
                not isinstance(call, ast.Call)
                or not isinstance(call.func, ast.Name)
                or not call.args
            ):
                continue
            place = f"{module}:{call.lineno}"
            if call.func.id in errors:
                is_made = isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
                # Other expressions are messages that were made elsewhere.
                codes = literals(call.args[0]) or ([f"(made at {place})"] if is_made else [])
                names = {keyword.arg or "**" for keyword in call.keywords} - NOT_PARAMETERS
            elif call.func.id in MESSAGES and module not in MADE_FROM_OUTSIDE:
                codes = literals(call.args[0]) or [f"(no literal at {place})"]
                names = keys(call.args[1]) if len(call.args) > 1 else set()
            else:
                continue
            found += [Site(place, code, frozenset(names)) for code in codes]
    return found


def keys(node: ast.expr) -> set[str]:
    """Return the keys of a dictionary that is written out."""
    if not isinstance(node, ast.Dict):
        return {"**"}
    return {key.value if isinstance(key, ast.Constant) else "**" for key in node.keys}


def fields_of(code: str) -> set[str]:
    text = catalogue()[code]
    parsed = (
        part for words in (*text.what, text.remedy) for part in string.Formatter().parse(words)
    )
    fields = {name for _, name, _, _ in parsed if name is not None}
    return fields | ({"count"} if len(text.what) > 1 else set())


def test_every_message_has_a_text():
    assert not [site for site in sites() if site.code not in catalogue()]


@pytest.mark.skipif(not has_all_features(), reason="several features may share a text")
def test_every_text_is_of_a_message():
    used = {site.code for site in sites()}
    assert set(catalogue()) - used == GENERAL | EARLIER


def test_a_text_has_the_fields_that_its_messages_give():
    known = catalogue()
    assert not [
        (site, fields_of(site.code))
        for site in sites()
        if site.code in known and site.parameters != fields_of(site.code)
    ]


def texts_by_owner() -> dict[str, set[str]]:
    """Return the codes of each feature that have a text in its folder; of all others under ""."""
    found = {"": set(texts_in(resource("messages", "en.toml").read_bytes()))}
    for path in (PACKAGE / "features").glob("*/texts.toml"):
        found[path.parent.name] = set(texts_in(path.read_bytes()))
    return found


def test_no_code_has_two_texts():
    counts = Counter(code for codes in texts_by_owner().values() for code in codes)
    assert not [code for code, count in counts.items() if count > 1]


def test_what_only_one_feature_says_is_in_its_folder():
    """So that nothing stays behind when it is taken away."""
    said_by = defaultdict[str, set[str]](set)
    for site in sites():
        folder, _, rest = site.place.partition("/")
        said_by[site.code].add(rest.split("/")[0] if folder == "features" else "")
    for owner, codes in texts_by_owner().items():
        for code in (codes & said_by.keys()) - STEPS - GENERAL:
            assert owner == ("" if len(said_by[code]) > 1 else min(said_by[code])), code


def test_codes_are_words_with_dashes():
    assert not [code for code in catalogue() if not code.replace("-", "").isalnum()]
    assert not [code for code in catalogue() if code != code.lower() or len(code) > 60]


def test_what_happened_ends_without_a_full_stop_and_a_remedy_with_one():
    for code, text in catalogue().items():
        remedy = text.remedy
        assert not remedy or remedy.endswith((".", "}", "?", "cpu.")), code
