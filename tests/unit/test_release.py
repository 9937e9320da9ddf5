"""A release: one version everywhere, its CHANGELOG, and reasons not to make one."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "packaging"))

import changelog  # noqa: E402
import release  # noqa: E402

CHANGES = """# Changelog

## Unreleased

### Added

Window
- A button.

### Fixed
- A fault.

## 0.0.1 - 2025-01-01

- All.
"""


def git(folder, *arguments):
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def checkout(tmp_path):
    """A small repository with the files that a release changes."""
    for file in (*release.VERSION, release.METAINFO):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes((REPOSITORY / file).read_bytes())
    (tmp_path / ".gitignore").write_text("dist/\n")
    (tmp_path / "CHANGELOG.md").write_text(CHANGES)
    (tmp_path / "changes").mkdir()
    (tmp_path / "changes" / "keys.added.md").write_text("Keys for\nall of it.\n")
    (tmp_path / "changes" / "README.md").write_text("how to")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "A")
    git(tmp_path, "config", "user.email", "a@example.org")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "All")
    return tmp_path


def test_what_a_release_imports_comes_with_its_extra():
    modules = ("release", "changelog", "translations", "compile_translations")
    imported = set[str]()
    for module in modules:
        for node in ast.walk(ast.parse((REPOSITORY / f"packaging/{module}.py").read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    comes = {re.split("[<>=]", one)[0] for one in extras["optional-dependencies"]["release"]}
    assert imported - sys.stdlib_module_names - {*modules, "nameplate"} <= comes


def test_all_files_name_the_same_version():
    from nameplate import __version__

    assert release.version_of(REPOSITORY) == __version__


def test_the_checked_in_changelog_and_fragments_can_be_released(tmp_path):
    text = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    new = changelog.fragments(REPOSITORY / "changes")  # none just after a release
    new[fragment(tmp_path)] = "fixed"
    whole, notes = changelog.released(text, new, "99.0.0", "2030-01-01")
    assert notes in whole
    again = changelog.released(whole, {fragment(tmp_path): "fixed"}, "99.0.1", "2030-02-01")
    assert again[1] == "### Fixed\n\n- More.\n"


def fragment(folder):
    file = folder / "a.fixed.md"
    file.write_text("- More.")
    return file


def test_a_release_is_committed_and_tagged_with_its_version_and_notes(checkout):
    notes = release.prepare(checkout, "98.0.0", "2030-01-01")
    assert (
        notes
        == "### Added\n\nWindow\n- A button.\n- Keys for all of it.\n\n### Fixed\n\n- A fault.\n"
    )
    assert release.version_of(checkout) == "98.0.0"
    assert (
        '<release version="98.0.0" date="2030-01-01"/>' in (checkout / release.METAINFO).read_text()
    )
    text = (checkout / "CHANGELOG.md").read_text()
    assert text.startswith("# Changelog\n\n## Unreleased\n\n## 98.0.0 - 2030-01-01\n\n### Added")
    assert text.endswith("- A fault.\n\n## 0.0.1 - 2025-01-01\n\n- All.\n")
    assert [file.name for file in (checkout / "changes").iterdir()] == ["README.md"]
    assert git(checkout, "status", "--porcelain") == ""
    assert git(checkout, "tag").split() == ["v98.0.0"]
    assert notes.strip() in git(checkout, "tag", "-n99", "--format=%(contents)")


def test_the_store_lists_the_newest_release_first(checkout):
    release.set_version(checkout, "98.0.0", "2030-01-01")
    release.set_version(checkout, "98.0.1", "2030-02-01")
    text = (checkout / release.METAINFO).read_text()
    assert text.index("98.0.1") < text.index("98.0.0")
    assert text.count("<releases>") == 1


@pytest.mark.parametrize(
    ("version", "why"),
    [("0.0.1", "not newer"), ("1.0", "three numbers"), ("v98.0.0", "three numbers")],
)
def test_a_version_that_is_none_or_no_newer_is_refused(checkout, version, why):
    with pytest.raises(release.ReleaseError, match=why):
        release.require_ready(checkout, version)


def test_changes_that_are_not_committed_and_a_tag_that_is_there_are_reasons_not_to(checkout):
    release.require_ready(checkout, "98.0.0")
    git(checkout, "tag", "v98.0.0")
    with pytest.raises(release.ReleaseError, match="is there already"):
        release.require_ready(checkout, "98.0.0")
    (checkout / "new.txt").write_text("")
    with pytest.raises(release.ReleaseError, match="not committed"):
        release.require_ready(checkout, "99.0.0")


def test_a_translation_that_is_not_complete_is_a_reason_not_to(checkout):
    folder = checkout / "packaging" / "translations"
    folder.mkdir(parents=True)
    (folder / "de.po").write_text('msgid "Undo"\nmsgstr ""\n\nmsgid "Redo"\nmsgstr "Wieder"\n')
    git(checkout, "add", "--all")
    git(checkout, "commit", "--quiet", "-m", "German")
    with pytest.raises(release.ReleaseError, match=r"de\.po does not translate 1, such as 'Undo'"):
        release.require_ready(checkout, "98.0.0")


def test_files_that_name_different_versions_are_no_release(checkout):
    (checkout / "app/nameplate/__init__.py").write_text('__version__ = "7.0.0"\n')
    with pytest.raises(release.ReleaseError, match="different versions"):
        release.version_of(checkout)


def test_a_fragment_of_no_kind_and_an_empty_release_are_refused(tmp_path):
    with pytest.raises(changelog.ChangelogError, match="nothing has changed"):
        changelog.released("# C\n\n## Unreleased\n", {}, "1.0.0", "2030-01-01")
    (tmp_path / "a.better.md").write_text("x")
    with pytest.raises(changelog.ChangelogError, match="KIND one of added"):
        changelog.fragments(tmp_path)


@pytest.fixture
def built(monkeypatch):
    """What is built and checked, without minutes of both; raises what is put into `wrong`."""
    wrong = list[Exception]()

    def build(clone, out, _targets):
        (out / "nameplate-98.0.0.whl").write_text(release.version_of(clone))
        return out / "nameplate-98.0.0.whl"

    def check(*_):
        if wrong:
            raise wrong.pop()

    monkeypatch.setattr(release, "build", build)
    monkeypatch.setattr(release, "check", check)
    return wrong


@pytest.mark.usefixtures("built")
def test_a_release_that_was_tried_can_be_made(checkout):
    head = git(checkout, "rev-parse", "HEAD")
    release.release("98.0.0", [], is_dry=True, root=checkout)
    assert git(checkout, "rev-parse", "HEAD") == head
    assert not git(checkout, "tag")
    out = release.release("98.0.0", [], is_dry=False, root=checkout)
    assert {file.name for file in out.iterdir()} == {
        "nameplate-98.0.0.whl",
        "NOTES.md",
        "SHA256SUMS",
    }
    assert release.version_of(checkout) == "98.0.0"
    assert git(checkout, "rev-parse", "v98.0.0^{commit}") == git(checkout, "rev-parse", "HEAD")


def test_a_release_that_fails_leaves_nothing_and_can_be_made_again(checkout, built):
    built.append(release.ReleaseError("the demo wrote no labels"))
    with pytest.raises(release.ReleaseError, match="no labels"):
        release.release("98.0.0", [], is_dry=False, root=checkout)
    assert not git(checkout, "tag")
    assert not list((checkout / "dist").rglob("*.whl"))
    assert release.release("98.0.0", [], is_dry=False, root=checkout).is_dir()


def test_a_commit_made_meanwhile_leaves_no_tag(checkout, built, monkeypatch):
    def check(*_):
        git(checkout, "commit", "--quiet", "--allow-empty", "-m", "Meanwhile")

    monkeypatch.setattr(release, "check", check)
    with pytest.raises(release.ReleaseError):
        release.release("98.0.0", [], is_dry=False, root=checkout)
    assert not git(checkout, "tag")


def test_what_only_a_person_can_supply_is_said_until_it_is_there(checkout, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    for name in ("nameplate_98.0.0_amd64.deb", "nameplate-98.0.0-x86_64.run"):
        (made / name).touch()
    files = [file for file, _, _ in release.LEFT_OPEN]
    for file in files:
        (checkout / file).parent.mkdir(parents=True, exist_ok=True)
        (checkout / file).write_text('https://nameplate.invalid sha256 "0000"')
    lines = [line.partition(":")[0] for line in release.left_open(checkout, made)]
    assert lines == [*files, "nameplate_98.0.0_amd64.deb"]

    for file in files:
        (checkout / file).write_text('<url type="homepage"/> [project.urls] sha256 "00a1"')
    assert release.left_open(checkout, made) == ["nameplate_98.0.0_amd64.deb: a signature"]


def test_checksums_are_those_that_sha256sum_reads(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"")
    (tmp_path / "SHA256SUMS").write_text("of before")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert release.checksums(tmp_path) == f"{empty}  a.whl\n"


def test_the_lock_and_the_constraints_have_the_same_versions():
    lock, constraints = (
        {
            line.partition(" ")[0]
            for line in (REPOSITORY / name).read_text("utf-8").splitlines()
            if "==" in line and not line.startswith((" ", "#"))
        }
        for name in ("requirements.lock", "constraints.txt")
    )
    assert lock == constraints, "run: make lock"
