"""`nameplate project compare A B`: say how far the decisions in two projects agree."""

import argparse

from nameplate.cli.command import EXIT_DONE, put, put_json
from nameplate.cli.options import add_json_option, some_path
from nameplate.cli.project_files import opened
from nameplate.domain.changes import Ids
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import cells, escaped, padded
from nameplate.features.agreement.comparison import Category, Comparison, TwoSides, compare
from nameplate.features.agreement.kappa import Agreement
from nameplate.features.agreement.matching import ImageMatch, match_images
from nameplate.features.agreement.words import agreement_text, category_text, kappa_text, rough_text
from nameplate.project.project import Project
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import listed, sentence, sentences, tr


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `project compare`."""
    add_projects(parser)
    add_json_option(parser)


def add_projects(parser: argparse.ArgumentParser) -> None:
    """Add the options that name both projects."""
    parser.add_argument("mine", type=some_path, metavar="A", help=tr("a project"))
    parser.add_argument("theirs", type=some_path, metavar="B", help=tr("another one, only read"))


def run(args: argparse.Namespace, _cancel: CancelToken) -> int:
    """Print how far the decisions in two projects agree."""
    mine, theirs = opened(args.mine), opened(args.theirs)
    match = match_images(mine.images, theirs.images)
    found = compare(TwoSides.of(mine, theirs, match))
    if args.json:
        put_json(_facts(mine, match, found))
    else:
        _print(match, found)
    return EXIT_DONE


def _print(match: ImageMatch, found: Comparison) -> None:
    agreement = found.agreement
    how = tr(
        "{by_content:,} by content, {by_path:,} by path",
        by_content=match.by_content,
        by_path=match.by_path,
    )
    lines: list[tuple[str, int, str]] = [
        (tr("pictures in both"), len(match.ids), how if len(match.ids) else ""),
        (tr("in A alone"), match.mine_alone, ""),
        (tr("in B alone"), match.theirs_alone, ""),
        (tr("decided by both"), agreement.images, ""),
        (tr("decided alike"), agreement.agreed, agreement_text(agreement)),
        (tr("decided differently"), len(found.disagreed), ""),
        (tr("decided in A alone"), len(found.mine_alone), ""),
        (tr("decided in B alone"), len(found.theirs_alone), ""),
    ]
    if match.ambiguous:
        copies = tr("copies, not compared"), match.ambiguous, tr("nothing tells them apart")
        lines.insert(1, copies)
    if match.changed:
        changed = tr("other content"), match.changed, tr("same place, not compared")
        lines.insert(1, changed)
    width = max(22, *(cells(what) for what, _, _ in lines))
    for what, count, more in lines:
        put(f"{padded(what, width)} {format_number(count):>7}  {more}".rstrip())
    if agreement.images:
        head = tr("Cohen's kappa")
        kappa = sentences(sentence(kappa_text(agreement)), rough_text(agreement))
        put(f"{padded(head, width)} {kappa}".rstrip(". "))
    _print_names(found)


def _print_names(found: Comparison) -> None:
    for name, of_name in found.by_name:
        put(f"  {escaped(name)}: {kappa_text(of_name)}")
    for mine, theirs, count in found.confusions:
        a, b = (category_text(found.categories[one]) for one in (mine, theirs))
        put(f"{format_number(count):>30}  A: {a}  B: {b}")
    if found.new_names:
        put(tr("names in B alone: {names}", names=listed(list(map(escaped, found.new_names)))))


def _facts(mine: Project, match: ImageMatch, found: Comparison) -> dict[str, object]:
    def paths(ids: Ids) -> list[str]:
        rows = mine.images.rows_of(ids).tolist()
        return list(mine.images.paths.select(rows).texts)

    return {
        "images": {
            "in_both": len(match.ids),
            "by_content": match.by_content,
            "by_path": match.by_path,
            "ambiguous": match.ambiguous,
            "other_content": match.changed,
            "in_a_alone": match.mine_alone,
            "in_b_alone": match.theirs_alone,
        },
        "decided": {
            "by_both": found.agreement.images,
            "in_a_alone": len(found.mine_alone),
            "in_b_alone": len(found.theirs_alone),
            "by_nobody": found.undecided,
        },
        "agreement": _numbers(found.agreement),
        "by_name": {name: _numbers(one) for name, one in found.by_name},
        "table": [
            {
                "a": _category(found.categories[one]),
                "b": _category(found.categories[two]),
                "images": count,
            }
            for one, two, count in found.agreement.cells
        ],
        "names_in_b_alone": list(found.new_names),
        "disagreements": paths(found.disagreed),
    }


def _numbers(agreement: Agreement) -> dict[str, object]:
    return {
        "images": agreement.images,
        "alike": agreement.agreed,
        "observed": agreement.observed,
        "expected_by_chance": agreement.expected,
        "kappa": agreement.kappa,
        "kappa_95": agreement.interval,
        "kappa_is_rough": agreement.is_rough,
    }


def _category(category: Category) -> dict[str, object]:
    return {"labels": list(category.names), "skipped": category.is_skipped}
