import sys

import pytest

from e2e.bare_help import python_without
from nameplate.system.libraries import missing

pytestmark = [
    pytest.mark.needs_qt,
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere Qt brings all it needs"),
    pytest.mark.skipif(bool(missing("qt")), reason="Qt's libraries are not on this system"),
]
window = pytest.mark.skipif(
    bool(missing("xcb")), reason="the libraries of a window on X11 are not on this system"
)

ASK = """
import sys
from nameplate.domain.errors import NameplateError
from nameplate.system import screen
try:
    print(eval(sys.argv[1]))
except NameplateError as error:
    print(error.exit_code, error)
assert "PySide6" not in sys.modules
"""


@pytest.fixture
def ask(tmp_path):
    """Ask `screen` in a process for which libraries are missing."""

    def answer(question, *hidden, **environment):
        said = python_without(hidden, tmp_path / "hidden", "-c", ASK, question, **environment)
        assert said.returncode == 0, said.stderr
        return said.stdout.strip()

    return answer


QT, WINDOW = "screen.check_qt()", "screen.check_window()"


@pytest.mark.parametrize(
    ("question", "hidden", "environment", "answer"),
    [
        (QT, (), {}, "None"),
        (WINDOW, ("libEGL.so.1",), {}, "2 no-screen"),
        (WINDOW, (), {"QT_QPA_PLATFORM": "nosuch"}, "2 no-such-platform (names=('nosuch',))"),
        (WINDOW, (), {"QT_QPA_PLATFORM": "offscreen"}, "None"),
    ],
)
def test_what_keeps_qt_or_a_window_away_is_said(ask, question, hidden, environment, answer):
    assert ask(question, *hidden, **environment).startswith(answer)


@pytest.mark.parametrize(
    "hidden",
    [
        ("libEGL.so.1", "libdbus-1.so.3", "libglib-2.0.so.0"),
        ("libGLdispatch.so.0",),  # in no list: of libGL's own
    ],
)
def test_all_libraries_that_qt_lacks_are_named_with_their_packages(ask, hidden):
    said = ask(QT, *hidden)

    assert said.startswith("3 qt-lacks-libraries (names=")
    assert all(name in said for name in hidden)
    assert "Install" in said


def test_a_window_on_x11_needs_more_and_says_what(ask):
    said = ask(WINDOW, "libxcb-cursor.so.0", DISPLAY=":0")

    assert said.startswith("3 window-lacks-libraries (names=")
    assert "libxcb-cursor.so.0" in said
    assert "libEGL" not in said


@window
def test_a_screen_that_does_not_answer_is_named(ask):
    assert "no-screen-answers (screens=DISPLAY=:4711)" in ask(WINDOW, DISPLAY=":4711")


@pytest.mark.parametrize("screen", [{}, {"DISPLAY": ":4711"}, {"QT_QPA_PLATFORM": "xcb"}])
def test_a_picture_is_drawn_in_memory_where_no_window_can_be_shown(ask, screen):
    question = "(str(screen.settle_platform()), screen.os.environ['QT_QPA_PLATFORM'])"
    why, platform = eval(ask(question, "libxcb-cursor.so.0", **screen))

    assert platform == "offscreen"
    assert ("libxcb-cursor.so.0" in why) == bool(screen)


def test_what_a_screen_would_need_is_told_without_one(ask):
    assert "libxcb-shape.so.0" in ask("screen.screen_fact()", "libxcb-shape.so.0")
