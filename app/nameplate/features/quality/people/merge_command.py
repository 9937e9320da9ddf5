"""`nameplate project merge A B --out C`: write A with the decisions that only B has."""

import argparse
from pathlib import Path

from nameplate.cli.command import EXIT_DONE, counted, put
from nameplate.cli.options import some_path
from nameplate.cli.project_files import opened
from nameplate.domain.changes import Title
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import escaped
from nameplate.features.quality.people.comparison import Merge, Rule, TwoSides, merge
from nameplate.features.quality.people.matching import ImageMatch, match_images
from nameplate.project.file import store


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `project merge`."""
    parser.add_argument("mine", type=some_path, metavar="A", help="a project")
    parser.add_argument("theirs", type=some_path, metavar="B", help="another one, only read")
    parser.add_argument(
        "--out", type=some_path, required=True, metavar="C", help="the new file, NAME.nameplate"
    )
    parser.add_argument(
        "--conflicts",
        choices=[rule.value for rule in Rule],
        default=Rule.MINE.value,
        help=(
            "whose decision stays where both decided differently: that of A (mine), of B "
            "(theirs), the newest one, or none, so that it is undecided; default: mine"
        ),
    )


def run(args: argparse.Namespace, _cancel: CancelToken) -> int:
    """Write a new project: A, with the decisions that only B has."""
    store.refuse_existing(args.out)
    mine, theirs = opened(args.mine), opened(args.theirs)
    match = match_images(mine.images, theirs.images)
    merged = merge(TwoSides.of(mine, theirs, match), Rule(args.conflicts))
    if merged.change is not None:
        count = merged.taken + merged.replaced
        mine.apply(merged.change, Title("merge", {"count": count, "name": args.theirs.stem}))
    store.close(store.create(args.out, mine))
    _print_merge(args.out, match, merged)
    return EXIT_DONE


def _print_merge(out: Path, match: ImageMatch, merged: Merge) -> None:
    both = f"{escaped(str(out))}: {counted(len(match.ids), 'picture')} in both projects"
    taken = f"{counted(merged.taken, 'decision')} taken over, {counted(merged.added, 'name')} added"
    differ = (
        f"{merged.stays + merged.replaced + merged.cleared:,} decided differently: "
        f"{merged.stays:,} as in A, {merged.replaced:,} as in B, {merged.cleared:,} undecided"
    )
    for line in (both, taken, differ):
        put(line)
    if merged.makes_multi:
        put("a picture may have several labels from now on")
    if left_out := match.ambiguous + match.changed + match.theirs_alone:
        put(f"{counted(left_out, 'picture')} not certainly in both: skipped")
