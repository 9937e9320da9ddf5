"""Writes the certificate of a promise beside the labels it is about, and says whether it fits them.

Its last lines name what lies beside it by digests; docs/formats.md describes them.
"""

import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from nameplate.domain.changes import Ids
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.features.promise.rules.certificate import certificate_of
from nameplate.features.promise.rules.promises import Promise
from nameplate.features.promise.rules.state import kept_promise, why_broken
from nameplate.formats.csv import PROMISED, without_apostrophe
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.label_export import Certified
from nameplate.formats.outputs.output import CERTIFICATE_ENDING, CERTIFICATE_HEAD
from nameplate.project.project import Project
from nameplate.system.elsewhere import is_elsewhere
from nameplate.system.failures import printable, reason_of
from nameplate.system.file_status import content_key
from nameplate.system.opening import open_regular

_LARGEST: Final = 1 << 20
"""Bytes of a certificate."""

_LINE: Final = re.compile(r"(Rows|SHA-256|Pictures|Begun|Given|Written): (.+)")
_OWN: Final = b"Certificate: "
_NOT_KNOWN: Final = "not known"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def certify(project: Project) -> "Promised | Message | None":
    """Return the certificate that goes along with the labels of a project, or why none does."""
    if (promise := kept_promise(project)) is not None:
        return Promised(promise)
    broken = why_broken(project)
    return Message("promise-is-broken", {"reason": broken}) if broken else None


class Promised:
    """Labels with a promise that was kept; a `Certificate`."""

    def __init__(self, promise: Promise) -> None:
        self._promise = promise

    def columns(self, ids: Ids) -> tuple[list[float | None], list[bool]]:
        """Return what is promised of each label, and whether it was checked."""
        is_promised = np.isin(ids, self._promise.labels.ids).tolist()
        checked = np.isin(ids, self._promise.checked_ids).tolist()
        return [self._promise.target if one else None for one in is_promised], checked

    @property
    def of_suggestions(self) -> Certified | None:
        """What it says of labels that were suggested; None of those that came with the pictures."""
        promise = self._promise
        if promise.is_of_given:
            return None
        return Certified(promise.target, promise.confidence, promise.labelled)

    def text(
        self,
        images: Iterable[ExportedImage],
        words: Callable[[Message], str],
        labels: Path,
        written: int,
        lost: Collection[str],
    ) -> bytes | Message:
        """Return the certificate of labels that were written, a paragraph a line, or why none.

        What is right of all promised labels need not be of a part of them.
        """
        files, contents, others = set[str](), dict[str, str](), 0
        for image in images:
            if image.promised is None or not image.labels:
                others += bool(image.labels)
                continue
            files.add(image.file)
            contents[image.path] = f"{image.digest}-{image.size}" if image.digest else ""
        there, labelled = len(files.difference(lost)), self._promise.labelled
        if there != labelled or written < there + others - len(lost):
            there = written if there == labelled else there
            return Message("certificate-of-more", {"labels": labelled, "there": there})
        pictures = _pictures_digest(contents) if all(contents.values()) else _NOT_KNOWN
        return self._text(words, labels, written, pictures)

    def _text(
        self, words: Callable[[Message], str], labels: Path, written: int, pictures: str
    ) -> bytes:
        promise = self._promise
        paragraphs = [CERTIFICATE_HEAD.decode(), *map(words, certificate_of(promise))]
        paragraphs.append(words(Message("certificate-lines", {"name": printable(labels.name)})))
        lines = {
            "Rows": str(written),
            "SHA-256": labels_digest(labels),
            "Pictures": pictures,
            "Begun": _time(promise.begun_at),
            "Given": _time(promise.applied_at),
            "Written": _time(max(promise.applied_at, round(1000 * datetime.now(UTC).timestamp()))),
        }
        last = "\n".join(f"{key}: {one}" for key, one in lines.items())
        content = "\n\n".join([*paragraphs, f"{last}\n"]).encode()
        return content + _OWN + hashlib.sha256(content).hexdigest().encode() + b"\n"


def labels_digest(labels: Path) -> str:
    """Return the SHA-256 of a file, or of the list of a folder's files as `sha256sum` writes it.

    Raises:
        OSError: It cannot be read, or holds a link or something else that is no file.
    """
    if not labels.is_dir():
        return _file_digest(labels)
    digests = {
        os.fsencode(path.relative_to(labels).as_posix()): _file_digest(path).encode()
        for path in _files_in(labels)
    }
    lines = (digest + b"  " + name + b"\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def _files_in(folder: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=fail):
        links = (name for name in folders if Path(place, name).is_symlink())
        yield from (Path(place, name) for name in (*names, *links))


def _file_digest(path: Path) -> str:
    with open_regular(path, follow_links=False) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pictures_digest(contents: dict[str, str]) -> str:
    """Return the digest of pictures, by path the key of the content."""
    lines = (f"{key}  {path}\n" for path, key in sorted(contents.items()))
    text = "".join(lines).encode(errors="surrogateescape")
    return hashlib.sha256(text).hexdigest()


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%dT%H:%M:%S}Z"


# ---- reading


@dataclass(frozen=True, slots=True)
class Fit:
    """How a certificate fits its labels: what fits, what differs, what could not be compared."""

    labels: Path
    fits: tuple[Message, ...]
    differs: tuple[Message, ...]
    not_compared: tuple[Message, ...] = ()


def check_certificate(path: Path, pictures: Path | None = None) -> Fit:
    """Compare a certificate, or that of labels, with what lies beside it.

    With `pictures`, their folder, these are compared, too.

    Raises:
        UsageError: There is no certificate.
    """
    if not path.name.endswith(CERTIFICATE_ENDING):
        path = path.with_name(f"{path.name}{CERTIFICATE_ENDING}")
    labels = path.with_name(path.name.removesuffix(CERTIFICATE_ENDING))
    name = printable(labels.name)
    try:
        with open_regular(path) as stream:
            content = stream.read(_LARGEST)
    except OSError as error:
        reason = reason_of(error)
        raise UsageError("no-certificate-there", where=printable(str(path)), why=reason) from error
    if not content.startswith(CERTIFICATE_HEAD):
        raise UsageError("no-certificate", where=printable(str(path)))
    said = _said(content)
    if said is None:
        return Fit(labels, (), (Message("certificate-was-changed"),))
    fits, differs = [Message("certificate-is-whole")], list[Message]()
    not_compared = list[Message]()
    try:
        is_same = labels_digest(labels) == said["SHA-256"]
        if is_same:
            fits.append(Message("certificate-of-these", {"name": name}))
        else:
            differs.append(Message("certificate-of-others", {"name": name}))
    except OSError as error:
        differs.append(Message("certificate-alone", {"name": name, "why": reason_of(error)}))
    if not said["Begun"] <= said["Given"] <= said["Written"]:
        differs.append(Message("certificate-times"))
    if pictures is not None and not differs:
        found = _compared(labels, pictures, said["Pictures"])
        judged = {
            "certificate-of-pictures": fits,
            "certificate-of-other-pictures": differs,
            "certificate-picture-missing": differs,
        }
        judged.get(found.code, not_compared).append(found)
    return Fit(labels, tuple(fits), tuple(differs), tuple(not_compared))


def _said(content: bytes) -> dict[str, str] | None:
    """Return the last lines of a certificate; None where it was changed, or has none."""
    text, mark, own = content.rpartition(_OWN)
    if not mark or own.strip() != hashlib.sha256(text).hexdigest().encode():
        return None
    last = text.decode(errors="replace").strip().split("\n\n")[-1].splitlines()
    said = {found[1]: found[2] for found in map(_LINE.fullmatch, last) if found}
    return said if len(said) == _LINE.pattern.count("|") + 1 else None


def _compared(labels: Path, pictures: Path, said: str) -> Message:
    if not _DIGEST.fullmatch(said):
        return Message("certificate-pictures-not-known")
    if labels.is_dir():
        return Message("certificate-pictures-not-named")
    contents = dict[str, str]()
    try:
        for name in _promised_paths(labels):
            # The labels may be a stranger's: they lead nowhere else.
            if is_elsewhere(name) or Path(name).anchor or ".." in Path(name).parts:
                return Message("certificate-picture-outside", {"path": printable(name)})
            contents[name] = content_key(pictures / name)
    except OSError as error:
        is_missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
        where, why = printable(str(error.filename or labels)), reason_of(error)
        missing = Message("certificate-picture-missing", {"path": where, "why": why})
        unread = Message("certificate-picture-unread", {"path": where, "why": why})
        return missing if is_missing else unread
    except (ValueError, LookupError, TypeError, csv.Error):
        return Message("certificate-pictures-not-named")
    is_same = _pictures_digest(contents) == said
    return Message("certificate-of-pictures" if is_same else "certificate-of-other-pictures")


def _promised_paths(labels: Path) -> Iterator[str]:
    """Yield the paths of the pictures whose labels are promised; whatever a bad file raises."""
    with open_regular(labels) as stream:
        lines = io.TextIOWrapper(stream, "utf-8-sig", newline="")
        if labels.suffix.lower() == ".csv":
            rows: Iterable[dict[str, Any]] = csv.DictReader(lines)
            yield from (
                without_apostrophe(row["path"]) for row in rows if row[PROMISED[0]] and row["label"]
            )
            return
        for line in lines:
            values: Any = json.loads(line)
            if values.get(PROMISED[0]) is not None and values["labels"]:
                yield str(values["path"])
