"""Writes the certificate of labels beside an export that delivers exactly these."""

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from nameplate.domain.messages import Message
from nameplate.formats.export_format import ExportFormat, Target
from nameplate.formats.exported_image import Which
from nameplate.formats.label_export import Certificate, LabelExport
from nameplate.formats.outputs.output import CERTIFICATE_HEAD
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular


def why_uncertified(
    export: LabelExport, chosen: ExportFormat, which: Which, *, has_best: bool
) -> Message | None:
    """Return why the certificate of a project does not go along with an export of `which` names.

    None where it does, or where there never was one. `has_best`: suggestions stand beside labels.
    """
    certificate = export.certificate
    if certificate is None:
        return export.uncertified
    if chosen.target is Target.SIDECARS:
        return Message("certificate-not-beside-pictures")
    if which is Which.BEST and not has_best and export.count_suggested():
        return Message("certificate-not-of-suggestions")
    return why_incomplete(certificate, export.count_labels(which))


def why_incomplete(certificate: Certificate, labels: int) -> Message | None:
    """Return that so many labels are not all that a certificate is about; None where they are."""
    if labels == certificate.labels:
        return None
    return Message("certificate-of-more", {"labels": certificate.labels, "there": labels})


def certificate_text(export: LabelExport, certificate: Certificate, labels: Path) -> bytes:
    """Return the certificate of labels that were written, a paragraph a line.

    Raises:
        OSError: What was written cannot be read.
    """
    paragraphs = map(export.words, certificate.paragraphs)
    lines = (
        f"Labels: {printable(labels.name)}",
        f"SHA-256: {labels_digest(labels)}",
        f"Written: {datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z",
    )
    text = "\n\n".join([CERTIFICATE_HEAD.decode(), *paragraphs, "\n".join(lines)])
    return f"{text}\n".encode()


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
