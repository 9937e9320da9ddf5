"""The reference is what the program declares."""

import importlib.util
import sys
from pathlib import Path

import pytest

_DOCS = Path(__file__).parents[2] / "docs"
_COMMANDS = pytest.param(
    "commands.md",
    marks=pytest.mark.skipif(sys.platform != "linux", reason="systems differ in their devices"),
)


def _writer():
    spec = importlib.util.spec_from_file_location("make_reference", _DOCS / "make_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.needs_qt  # the actions are the window's
@pytest.mark.parametrize("page", ["keys.md", _COMMANDS, "conditions.md", "formats.md"])
def test_a_page_is_what_would_be_written_today(page):
    written = (_DOCS / "reference" / page).read_text(encoding="utf-8")
    assert written == _writer().pages()[page], "run: python docs/make_reference.py"
