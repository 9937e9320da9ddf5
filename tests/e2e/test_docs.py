"""Every command that guide, README and reference show is one that works."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from nameplate.cli.main import COMMANDS, run
from nameplate.storage.resources import resource

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", *ROOT.glob("docs/*.md"), *resource("guide").glob("*.md")],
    key=lambda path: path.name,
)
TAKES_LONG = {"benchmark", "export-model", "demo", "write-keywords"}
"""Commands that are tried elsewhere, or download; here only their options are compared."""

ELSEWHERE = re.compile(r"s3://|\.\.\.|…|[|()\[\]]|cuda|shards|DIR/|--undo|--out DIR|--pictures")
"""What is a form of a command, not one; or needs a bucket, a card, or a run of millions."""

STAND_FOR = {
    "PROJECT": "work.nameplate",
    "A": "work.nameplate",
    "B": "other.nameplate",
    "C": "both.nameplate",
    "ID": "csv",
    "PATH": "out.csv",
    "NAME": "theme",
    "VALUE": "dark",
}


def commands() -> list[str]:
    """Return each command that the pages show, without the word `nameplate` and the comment."""
    found = dict[str, None]()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for line in re.findall(r"^nameplate (.+)$", text, re.MULTILINE):
            found[re.split(r" {2,}|\s#", line)[0]] = None
        for code in re.findall(r"`nameplate ([^`]+)`", text):
            found[" ".join(code.split())] = None
    return sorted(found)


def is_tried(command: str) -> bool:
    return (
        " " in command
        and not ELSEWHERE.search(command)
        and command.split(maxsplit=1)[0] not in TAKES_LONG
        and "COMMAND" not in command
    )


def words_of(command: str, model: Path) -> list[str]:
    """Return the arguments of a command, with files for what the pages write in capitals."""
    folder = {"models": str(model), "search": "photos"}.get(command.split(maxsplit=1)[0], "report")
    return [(STAND_FOR | {"DIR": folder}).get(word, word) for word in shlex.split(command)]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with what the commands of the pages name; a person checked one of two projects."""
    folder = tmp_path_factory.mktemp("docs") / "desk"
    for album in ("photos", "studio", "street"):
        for at, sample in enumerate(sorted(resource("samples").glob("*.jpg"))[:4]):
            target = folder / album / ("cat" if at < 2 else "dog") / sample.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(sample, target)
    photos = sorted((folder / "photos").rglob("*.jpg"))
    table = [f"{path.parent.name}/{path.name},{path.parent.name}" for path in photos]
    for name, lines in (("checked.csv", table), ("mine.csv", table[::2])):
        (folder / name).write_text("\n".join(["path,label", *lines]), encoding="utf-8")
    (folder / "names.txt").write_text("cat\ndog\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
        new = ["project", "new", "work.nameplate", "photos"]
        assert run([*new, "--concepts", "names.txt", "--auto-label"]) == 0
        shutil.copy("work.nameplate", "other.nameplate")
        assert run(["import", "checked.csv", "--into", "work.nameplate", "--checked"]) == 0
    return folder


@pytest.fixture
def at_desk(desk, tmp_path, monkeypatch):
    """The current folder: a copy of the desk, whose pictures need not be read again."""
    shutil.copytree(desk, tmp_path / "desk")
    monkeypatch.chdir(tmp_path / "desk")
    monkeypatch.setenv("XDG_CACHE_HOME", str(desk.parent / "cache"))


@pytest.mark.parametrize("command", [one for one in commands() if is_tried(one)])
@pytest.mark.usefixtures("at_desk")
def test_a_command_that_the_pages_show_works(command, tiny_model, capsys):
    assert run(words_of(command, tiny_model)) == 0, capsys.readouterr().err


@pytest.mark.parametrize("command", [one for one in commands() if not is_tried(one)])
def test_a_form_of_a_command_has_only_options_that_there_are(command, capsys):
    words = command.split()
    for name in COMMANDS if words[0] == "COMMAND" else words[:1]:
        given = words[:2] if name == "project" and name == words[0] else [name]
        with pytest.raises(SystemExit) as ended:
            run([*given, "--help"])
        assert ended.value.code == 0
        given, known = (
            set(re.findall(r"--[a-z][a-z-]+", text)) for text in (command, capsys.readouterr().out)
        )
        assert given <= known


def test_every_page_of_the_guide_is_in_the_site():
    contents = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in resource("guide").glob("*.md"):
        assert f"../resources/guide/{page.stem}\n" in contents
