"""Writes the certificate of a promise as a text file beside the labels."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from nameplate.domain.messages import Message
from nameplate.formats.export_format import Target
from nameplate.formats.label_export import LabelExport
from nameplate.formats.outputs.output import Kind, Output
from nameplate.scoring.promise.certificate import certificate_of
from nameplate.system.opening import open_regular

ENDING: Final = ".certificate.txt"

_HEAD: Final = b"Nameplate certificate"
"""What each one begins with, whatever its language."""


def _is_certificate(path: Path) -> bool:
    with open_regular(path) as stream:
        return stream.read(len(_HEAD)) == _HEAD


_KIND: Final = Kind(Message("certificate"), _is_certificate)


def certificate_output(export: LabelExport, target: Target, output: Output) -> Output | None:
    """Return the output for the certificate, beside the labels; None if there is none.

    One that lies there from earlier labels is replaced in any case: it would seem to be of these.
    """
    if target not in (Target.FILE, Target.FOLDER) or output.is_stdout:
        return None
    path = output.path.with_name(f"{output.path.name}{ENDING}")
    if export.facts.promise is None and not (path.is_file() and _is_certificate(path)):
        return None
    beside = Output(path, _KIND, output.overwrite, output.images)
    return replace(beside, model=output.model, consent=output.consent)


def certificate_text(export: LabelExport) -> str:
    """Return the text of the certificate, a paragraph a line; or that there is none."""
    promise = export.facts.promise
    messages = certificate_of(promise) if promise else (Message("certificate-none"),)
    paragraphs = [export.facts.words(message) for message in messages]
    return "\n\n".join([_HEAD.decode(), *paragraphs]) + "\n"
