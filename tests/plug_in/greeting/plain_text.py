"""Exports the names of pictures as plain text."""

from nameplate.domain.messages import Message
from nameplate.formats.export_format import ExportFormat, ExportReport, Target
from nameplate.formats.outputs.output import Kind


def write(task, output):
    lines = [f"{image.path}: {', '.join(image.labels)}\n" for image in task.images()]
    output.write(lambda stream: stream.writelines(line.encode() for line in lines))
    return ExportReport(len(lines))


PLAIN_TEXT = ExportFormat(
    "plain-text",
    "Plain text",
    Target.FILE,
    ".txt",
    Kind(Message("plain-text-file"), lambda path: False),  # no file may be replaced unasked
    frozenset(("which", "absolute_paths")),
    write,
    purpose=Message("plain-text-purpose"),
)
