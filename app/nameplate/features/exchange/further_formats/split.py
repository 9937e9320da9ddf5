"""Splits images randomly into training, validation and test, with the same shares per name.

A part gets of each name its share of the images, rounded down or up (the largest remainder). What
rounding took from a part with one name it gets back with the next, so that the whole is in its
shares too, however few images each name has. Images of the same content stay together, whatever
their names: else a model would be tested on what it has learned.

The same seed gives the same split, in whatever order the images come and wherever their files lie.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from nameplate.domain.errors import UsageError

PARTS: Final = ("train", "val", "test")
"""Names of the parts, in the order of their shares."""

_DIGITS: Final = 9
"""Of shares: 0.1 x 30 is 3, not a little more."""


def refuse_unfit_shares(shares: Sequence[float]) -> None:
    """Refuse shares that are not two or three numbers, or none of which is above zero.

    Raises:
        UsageError: They are not.
    """
    is_fit = (
        2 <= len(shares) <= len(PARTS)
        and all(math.isfinite(share) and share >= 0 for share in shares)
        and sum(shares) > 0
    )
    if not is_fit:
        raise UsageError("unfit-split", shares=", ".join(f"{share:g}" for share in shares))


def split(
    contents: Sequence[str],
    names: Sequence[str],
    shares: Sequence[float],
    seed: int,
    *,
    is_each_in_all: bool = False,
) -> list[int]:
    """Return the part of each image, as an index into `shares`.

    Args:
        contents: What tells the content of each of n images; equal ones stay together.
        names: The name that each image is counted for; of images of the same content, the first
            one in the alphabet counts for all of them.
        shares: Of the parts; in whatever unit.
        seed: Of chance.
        is_each_in_all: Whether each part that has a share gets an image of each name that has
            enough of them, even if its share is less.

    Raises:
        UsageError: The shares are unfit.
    """
    refuse_unfit_shares(shares)
    whole = sum(shares)
    by_content = defaultdict[str, list[int]](list)
    for image, content in enumerate(contents):
        by_content[content].append(image)
    by_name = defaultdict[str, list[str]](list)
    for content, same in by_content.items():
        by_name[min(names[image] for image in same)].append(content)
    parts, owed = [0] * len(contents), [0.0] * len(shares)
    for name in sorted(by_name):
        found = sorted(by_name[name], key=lambda one: _order(seed, one, len(by_content[one])))
        count = sum(len(by_content[content]) for content in found)
        exact = [count * share / whole for share in shares]
        left = _rounded(exact, owed)
        if is_each_in_all and len(found) >= sum(share > 0 for share in shares):
            left = _with_one_at_least(left, shares)
        for part, amount in enumerate(exact):
            owed[part] += amount
        for content in found:
            part = max(range(len(shares)), key=left.__getitem__)
            left[part] -= len(by_content[content])
            owed[part] -= len(by_content[content])
            for image in by_content[content]:
                parts[image] = part
    return parts


def _order(seed: int, content: str, count: int) -> tuple[int, bytes]:
    """Return the sort key of a content: many copies first, so that they fit; else random."""
    key = f"{seed} {content}".encode("utf-8", "surrogatepass")
    return -count, blake2b(key, digest_size=16).digest()


def _with_one_at_least(amounts: Sequence[int], shares: Sequence[float]) -> list[int]:
    """Return amounts with the same sum, none 0 that has a share; the largest gives some."""
    found = list(amounts)
    for part, share in enumerate(shares):
        if share > 0 and found[part] == 0:
            found[found.index(max(found))] -= 1
            found[part] = 1
    return found


def _rounded(exact: Sequence[float], owed: Sequence[float]) -> list[int]:
    """Round amounts to whole numbers of the same sum, each down or up.

    Up go those with the largest remainder, what earlier roundings took from them included.
    """
    down = [math.floor(round(amount, _DIGITS)) for amount in exact]
    rests = [round(amount - whole, _DIGITS) for amount, whole in zip(exact, down, strict=True)]
    order = sorted(
        (part for part, rest in enumerate(rests) if rest > 0),
        key=lambda part: (-round(rests[part] + owed[part], _DIGITS), part),
    )
    for part in order[: round(sum(exact)) - sum(down)]:
        down[part] += 1
    return down
