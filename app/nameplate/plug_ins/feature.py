"""Declarations of a feature; reading one imports neither Qt nor numpy."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from typing import Any, Final, Generic, NamedTuple, TypeVar

from nameplate.domain.facts import Fact
from nameplate.domain.filtering.findings import Finding
from nameplate.domain.text import deferred

Target = TypeVar("Target")
"""What an action works on: the window for its own, a feature's workbench for a feature's."""


class When(Flag):
    """The conditions for an action to be enabled, combined with `|`."""

    ALWAYS = 0
    IMAGES = auto()
    """The project has images."""
    NAMES = auto()
    """There is a concept."""
    MODEL = auto()
    """A model is loaded."""
    SELECTION = auto()
    """Images are selected in the grid."""
    SEEN = auto()
    """No panel covers the pictures."""
    GRID = auto()
    """Neither a page nor a group is shown: it is about the selection or order of the grid."""
    COMPARE = auto()
    """Pictures are compared side by side."""


DROPPED: Final = ("project", "table", "model", "run", "folder")
"""The kinds of dropped files that a feature can do something with; a run is a folder of shards, a
folder is one with a file that the feature names."""

API: Final = 2
"""The version of what features declare and are given; it rises when those of others would break."""

MENUS: Final = (
    deferred("File", "menu"),
    deferred("Edit", "menu"),
    deferred("Label", "menu"),
    deferred("Check", "menu"),
    deferred("View", "menu"),
    deferred("Help", "menu"),
)
"""The menus, from left to right."""


LISTS: Final = (
    *("Add", "Auto-label", "Next", "Export", "Picture", "Large", "Ground", "Filter", "Model"),
    *("Keys", "About", "First"),
)
"""Where actions stand besides the menus: the menus of the buttons of the tool row, whose first
entry is what the button does (*Next* is called as its feature says, see `Workbench.name_button`);
the menu of a picture, and what else there is in it for one that is shown large; the menus of the
ground between pictures and of the filter; the button that names the model; the switches where keys
are changed; the buttons of what is said about the program; the most used keys of the grid."""


class MenuPlace(NamedTuple):
    """A place in a menu.

    Attributes:
        menu: One of `MENUS` or `LISTS`.
        group: The name of a group of entries in it.
        rank: Of the entry in the menu; lower ones are higher up.
    """

    menu: str
    group: str
    rank: int


@dataclass(frozen=True, slots=True)
class Action(Generic[Target]):
    """Something that a person can do: a menu entry, a key, an entry of the list of actions.

    Attributes:
        id: Its name in the code and in files of keys.
        text: The menu entry.
        run: Does it. In a feature a reference such as `panel:ask`: a module of its package, and a
            function that is given the workbench. None where something else fills it, as a menu.
        keys: Its shortcuts; menus show the first.
        menu: Where it stands, as menu, group and rank: `File/project/60`. Groups of a menu stand in
            the order of their lowest rank, with a line between them. Empty for what is used
            elsewhere: in the menu of a picture, on a button.
        also: Where else it stands, written likewise; each is a place in one of `LISTS`.
        when: What there must be for it to be enabled.
        icon: A file name in `resources/icons` without extension; may be empty.
        tip: What it does, where the text does not say it; the tool tip.
        is_checkable: Whether it can be on or off.
        on_pictures: Its keys work only while the pictures, the names or the bars have the focus, so
            that a plain letter can still be typed into a box.
        repeats: Whether a key on the pictures that is held down does it again and again.
        leads_to_names: Whether its key on the pictures does it also before there are names; other
            letters begin to type the first one then.
        group: Its heading among all keys and commands where it stands in no menu; one of `MENUS`.
        words: Other words that find it in the list of actions, such as former names.
        room: A text with a number that its button in the tool row has room for, so that it keeps
            its place while the number changes.
    """

    id: str
    text: str
    run: Callable[[Target], object] | str | None
    keys: tuple[str, ...] = ()
    menu: str = ""
    when: When = When.ALWAYS
    icon: str = ""
    tip: str = ""
    is_checkable: bool = False
    on_pictures: bool = False
    repeats: bool = False
    also: tuple[str, ...] = ()
    leads_to_names: bool = False
    group: str = ""
    words: str = ""
    room: str = ""

    @property
    def places(self) -> tuple[MenuPlace, ...]:
        """Where it stands, in the menus and in other lists.

        Raises:
            ValueError: One is no menu, group and rank.
        """
        return tuple(map(_place, filter(None, (self.menu, *self.also))))


def _place(text: str) -> MenuPlace:
    menu, _, rest = text.partition("/")
    group, _, rank = rest.partition("/")
    if not (group and rank.isdecimal()):
        raise ValueError(f"{text!r} is no place such as 'File/project/60'")
    return MenuPlace(menu, group, int(rank))


class GuidePage(NamedTuple):
    """A page of the guide.

    Attributes:
        file: In `resources/guide`, without the ending.
        title: In the list of pages.
        rank: Its place there; lower ones are higher up.
    """

    file: str
    title: str
    rank: int


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the command line.

    Attributes:
        name: As typed; in a feature also one below `project`, such as `project merge`.
        help: One sentence.
        module: Its module, in a feature one of its package; imported when the command is given. It
            has `add_options(parser)`, which fills the command's parser, and `run(args, cancel)`,
            which does the work and returns the exit code.
    """

    name: str
    help: str
    module: str


EXTENDED: Final = ("label", "project new", "project info", "project check")
"""The commands that features add to; see `Extension`."""


@dataclass(frozen=True, slots=True)
class Extension:
    """An addition of a feature to a command of the frame or of another feature.

    Attributes:
        command: One of `EXTENDED`.
        module: A module of the feature's package, imported when the command is given. Its functions
            are called once each, in this order:

            `label`, `project new`: `add_options(parser)`, for `label` with the group of
            outputs, too, before the arguments are read; then `run(args, cancel)`, before the
            command does anything: it does the work and returns the exit code, or does nothing and
            returns None where none of its options was given.
            `project info`: `facts(project)`, a dict for `--json`; then, without that, also
            `lines(project)`, the lines to print.
            `project check`: `check(project, file)`, once the file was judged: a `Message`, or None.
        after: The options of the command that its own stand after, `--concept` of `label`; they are
            given the parser alone. By default after those that say where to write.
    """

    command: str
    module: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """A kind of file that a feature does something with when it is dropped on the window.

    Attributes:
        kind: One of `DROPPED`.
        ask: The question what is to be done with it; empty where one is asked without it. About a
            folder it begins with what that is, and calls it {name}.
        answer: The button that does it.
        run: A reference to a function that is given the workbench and the path.
        holds: The file that a folder holds which it is about, where it is one.
    """

    kind: str
    ask: str
    answer: str
    run: str
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that the program can do beyond its main job, in a package that can be deleted.

    Attributes:
        package: Its package, `__name__` there; references are to its modules.
        actions: What a person can do with it.
        commands: What it adds to the command line.
        extensions: What it adds to commands that are there without it.
        drops: What it does with dropped files.
        formats: References to its `ExportFormat` and `ImportFormat` values, such as
            `formats.xmp:XMP`; in the order in which they are offered, or tried on a file.
        columns: References to its `Column` values: more that the labels CSV can have.
        findings: What it finds of images, so that they can be filtered by it.
        facts: What it keeps in projects.
        classifiers: References to classes that fit a classifier to what a person decided, which is
            used in place of the zero-shot one; see `Fitter` in `pipeline/learning/fitted.py`. Of
            several that have something to go by, the last one's is used: that of another package.
        attach: A reference to a function that is given the workbench of each project that is
            opened; empty where nothing has to be done before an action.
        guide: The pages of the guide about it.
        api: The version of the API that it was written for.
    """

    package: str
    actions: tuple[Action[Any], ...] = ()
    commands: tuple[Command, ...] = ()
    extensions: tuple[Extension, ...] = ()
    drops: tuple[Drop, ...] = ()
    formats: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    facts: tuple[Fact[Any], ...] = ()
    classifiers: tuple[str, ...] = ()
    attach: str = ""
    guide: tuple[GuidePage, ...] = ()
    api: int = API

    @property
    def id(self) -> str:
        """The last part of its package's name."""
        return self.package.rpartition(".")[2]
