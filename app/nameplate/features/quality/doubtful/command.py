"""`nameplate audit`: which labels of a data set are probably wrong, and how many."""

import argparse
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO, Final, NamedTuple

from nameplate.cli.command import counted, finish, put, put_json, say
from nameplate.cli.options import (
    add_json_option,
    add_limit_option,
    add_model_options,
    add_paths,
    add_templates_option,
    open_model,
    templates_of,
)
from nameplate.cli.outputs import add_overwrite_option, output_file, output_of
from nameplate.cli.progress import ProgressBar, result_of
from nameplate.cli.suggesting import new_project, suggest
from nameplate.domain.changes import Settings
from nameplate.domain.labels import DecidedBy
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import escaped
from nameplate.features.quality.doubtful.audit import Audit, Reason, audit
from nameplate.features.quality.figures.named_truth import (
    give_labels,
    paths_by_name,
    say_strangers,
    truth_at,
)
from nameplate.features.quality.figures.truth import Truth, concepts_of_truth
from nameplate.features.quality.snapshot import Snapshot
from nameplate.formats.csv import has_header, neutral, number, write_rows
from nameplate.formats.outputs.output import Kind
from nameplate.imaging.scan import relative_names
from nameplate.pipeline.reading.collection import find_images
from nameplate.project.project import Project

_MOST_LISTED: Final = 20
_REASONS: Final = {
    Reason.COPY: "a copy is labelled {suggested}",
    Reason.PICTURES: "looks like {suggested}",
    Reason.NAME: "the name {suggested} fits better",
}


class _Suspect(NamedTuple):
    """A line of the table, and an entry of the JSON: a label that may be wrong.

    Attributes:
        suggested: The likeliest other name.
        doubt: The probability that the label is wrong.
    """

    path: str
    given: str
    suggested: str
    doubt: float
    reason: str


_SUSPECTS: Final = Kind(Message("suspects-csv"), lambda path: has_header(path, _Suspect._fields))


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `audit`."""
    add_paths(parser)
    parser.add_argument(
        "--truth",
        required=True,
        metavar="folders|FILE",
        help=(
            "where the labels are: `folders`, if a picture's folder is its label, a CSV with the "
            "columns path and label, or a project"
        ),
    )
    parser.add_argument(
        "--out",
        type=output_file,
        metavar="FILE",
        help="write a CSV of the labels that may be wrong, the most doubtful first",
    )
    add_overwrite_option(parser)
    add_json_option(parser)
    add_limit_option(parser)
    add_templates_option(parser)
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Read the pictures and their labels, and say which labels are probably wrong."""
    output = output_of(args, args.out, _SUSPECTS) if args.out else None
    if output:
        output.check()
    found = find_images(args.paths, cancel=cancel, limit=args.limit, find_all=bool(output))
    if output:
        output = output.apart_from(found.images + found.beyond)
    model = open_model(args, cancel)
    truth = truth_at(args.truth, paths_by_name(found))
    project = new_project(
        found, concepts_of_truth(truth), Settings(templates_of(args.templates, model))
    )
    give_labels(project, truth, DecidedBy.GIVEN, several=True)
    suggestions = suggest(args, project, model, cancel)
    cancel.raise_if_cancelled()  # all labels are compared with one another
    done = result_of(audit(Snapshot.of(project, suggestions), cancel), ProgressBar("Comparing"))
    cancel.acknowledge()
    suspects = list(_suspects(project, done))
    if output:
        output.write(lambda stream: _write(stream, suspects))
    if args.json:
        put_json(_facts(done, suspects))
    elif not output or not output.is_stdout:
        if done.wrong is None:
            put(f"no label can be judged: {_why_none(done, truth)}")
        else:
            _print(done, done.wrong, suspects)
    say_strangers(truth)
    if several := done.several:
        have, are = ("has", "is") if several == 1 else ("have", "are")
        say(f"{counted(several, 'picture')} {have} several labels and {are} left out")
    return finish(project.images, found.problems, cancel)


def _suspects(project: Project, done: Audit) -> Iterator[_Suspect]:
    """Yield the labels with a doubt, the most doubtful first."""
    names = {concept.key: concept.name for concept in project.concepts}
    paths = relative_names(project.images.paths.texts)
    for place in done.order.tolist():
        yield _Suspect(
            paths[int(done.rows[place])],
            names[int(done.given[place])],
            names[int(done.suggested[place])],
            round(float(done.doubt[place]), 4),
            str(done.reasons[place]),
        )


def _write(stream: BinaryIO, suspects: list[_Suspect]) -> None:
    rows = ([*map(neutral, one[:3]), number(one.doubt), one.reason] for one in suspects)
    write_rows(stream, chain([list(_Suspect._fields)], rows))


def _facts(done: Audit, suspects: list[_Suspect]) -> dict[str, Any]:
    count, names = len(done.rows), ("estimate", "low", "high")
    found = [round(n / count, 4) for n in done.wrong] if done.wrong else [None] * 3
    return {
        "images": count,
        "not_read": done.unread,
        "several_labels": done.several,
        "share_wrong": dict(zip(names, found, strict=True)),
        "suspects": [one._asdict() for one in suspects],
    }


def _why_none(done: Audit, truth: Truth) -> str:
    """Return why no label could be judged."""
    if 0 < len(truth.names) <= len(truth.contradicted):
        return "every picture is listed twice, with different labels; keep one row for each"
    if done.several and not len(done.rows):
        return "every picture has several labels; give each one"
    concepts = concepts_of_truth(truth)
    if len(done.rows) and len(concepts) == 1:
        return f"all are labelled {escaped(concepts[0].name)}, and it takes two different labels"
    return "that takes pictures with two different labels"


def _print(done: Audit, estimate: tuple[float, float, float], suspects: list[_Suspect]) -> None:
    """Print how many labels are probably wrong, and the most doubtful ones."""
    count, (wrong, low, high) = len(done.rows), estimate
    of = f"{counted(count, 'label')} {'is' if count == 1 else 'are'}"
    put(f"about {wrong:,.0f} of {of} wrong, between {low:,.0f} and {high:,.0f}")
    for one in suspects[:_MOST_LISTED]:
        why = _REASONS[Reason(one.reason)].format(suggested=escaped(one.suggested))
        put(f"{one.doubt:.2f}  {escaped(one.path)}  {escaped(one.given)}: {why}")
    if len(suspects) > _MOST_LISTED:
        put(f"and {len(suspects) - _MOST_LISTED:,} more")
