"""Typed keys of values beside the images: facts, which a project keeps, and derived values."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)  # with slots, Python 3.11 cannot make a `Fact[int](...)`
class Fact(Generic[Value]):
    """A value that a project keeps in its file, and that steps change; see `SetFact`.

    Two of one name are equal. One that nobody declares, since its feature is gone, is kept as it
    stands in the file, and so are its steps.

    Attributes:
        name: In files; never another one.
        empty: The value of a project that has none. One that is kept by image has none there.
        to_json: A reference to a function from a value to what JSON can hold. Empty for none.
        from_json: A reference to the function that takes that back. It raises a ValueError,
            LookupError or TypeError where it is no such value: anybody may have made the file.
        with_project: Whether these are given more: the labels of the project, which give codes
            their meaning, or the project that is loaded.
        by_image: Whether there is a value for each image that has one.
        is_stepped: Whether it may be changed by steps of the history.
        join: A reference to a function that joins two values, as JSON holds them, where it only
            grows; see `GrowFact`.
        is_on_pages: Whether it holds marks that were made on a page, which shows them.
    """

    name: str
    empty: Value = field(compare=False)
    to_json: str = field(default="", compare=False)
    from_json: str = field(default="", compare=False)
    with_project: bool = field(default=False, compare=False)
    by_image: bool = field(default=False, compare=False)
    is_stepped: bool = field(default=True, compare=False)
    join: str = field(default="", compare=False)
    is_on_pages: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Derived(Generic[Value]):
    """A value that is computed from the project and held beside it while it is open.

    Two of one name are equal.

    Attributes:
        name: Another one for each value.
        empty: The value before it was computed.
    """

    name: str
    empty: Value = field(compare=False)
