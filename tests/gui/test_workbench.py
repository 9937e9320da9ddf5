"""What a feature is given ends with the project, and no feature can stop the window or another."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import SetConcepts, Title
from nameplate.plug_ins.feature import Action, Command, Drop, Extension, Feature
from nameplate.plug_ins.registry import check_declaration, features, not_taken
from nameplate.ui.jobs.jobs import Jobs, Task
from nameplate.ui.modes.view_modes import ViewMode
from qt_help import press_button, wait


def _acting(action, **options):
    return Feature("mine.other", actions=(Action(action, "A", "a:b", **options),))


@pytest.fixture
def bench(opened):
    return opened.main.workbenches["relink"]


def test_what_is_asked_of_it_after_another_project_was_opened_does_nothing(opened, bench):
    late = bench.guarded(lambda: bench.warn("too late"))
    opened.menu("New project")
    late()
    bench.do(SetConcepts(()), Title("add-names", {"count": 1, "name": "x"}))
    bench.run("job", lambda _cancel: iter([1]), pytest.fail, pytest.fail)
    bench.say("too late")
    assert not opened.project.history.done
    assert opened.message != "too late"
    assert not opened.main.jobs.is_running("relink/job")


def test_its_jobs_messages_and_pictures_end_with_the_project(opened, bench):
    heard = []
    bench.run("job", lambda cancel: iter(lambda: cancel.is_cancelled, True), heard.append, print)
    bench.warn("something is wrong", about="it")
    bench.say("it goes on here", ("Go on", lambda: None))
    bench.pictures.show_only(opened.project.images.ids[:1], lambda: heard.append("alone"))
    assert heard == ["alone"]
    opened.menu("New project")
    assert not opened.main.jobs.is_running("relink/job")
    assert opened.message not in ("something is wrong", "it goes on here")
    assert heard == ["alone"]


def test_a_view_mode_of_a_plug_in_selects_and_is_gone_back_to(opened, bench, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "plug_in"))
    from greeting.shades import SIDE, Shades

    modes, grid = opened.main.modes, opened.main.grid
    shades = bench.part(Shades)
    modes.toggle(shades.mode)
    picture = QPoint(SIDE // 2, 20 + SIDE // 2)

    def colours_seen():
        image = shades.grab().toImage()
        return [image.pixelColor(x, 20 + SIDE + 1).name() for x in range(0, 6 * SIDE, SIDE)]

    wait(lambda: bench.pictures.thumbnail(opened.project.images.paths[0], SIDE) is not None)
    before = colours_seen()
    QTest.mouseClick(shades, Qt.MouseButton.LeftButton, pos=picture)
    row = grid.current_image_row()
    assert row == shades.row_at(picture)
    opened.press("3")
    assert opened.project.labels.members(row)
    assert grid.current_image_row() == row  # no picture is the next one here
    assert colours_seen() != before
    QTest.mouseDClick(shades, Qt.MouseButton.LeftButton, pos=picture)
    assert modes.current is ViewMode.LARGE
    opened.press("Esc")
    assert modes.current is shades.mode
    opened.press("Ctrl+A", "Esc")
    assert modes.current is ViewMode.GRID
    assert len(bench.pictures.selected) == 6
    modes.show(shades.mode)
    opened.menu("New project")
    assert modes.current is ViewMode.GRID


def test_names_that_are_hidden_in_one_project_are_shown_in_the_next(opened, bench, coloured):
    def hidden():
        return ["hidden" in opened.state(name) for name in opened.tiles()]

    bench.pictures.hide_names(np.arange(6))
    assert hidden() == [True] * 6
    opened.menu("New project")
    opened.open(coloured)
    opened.add("red")
    wait(lambda: hidden() == [False] * 6 and opened.bars())


def test_a_part_that_fails_when_the_window_closes_keeps_no_other_from_ending(
    opened, bench, monkeypatch
):
    class Stubborn(QWidget):
        def close(self):
            raise ZeroDivisionError

    told = []
    monkeypatch.setattr("sys.excepthook", lambda *what: told.append(what[0]))
    bench.part(lambda _bench: Stubborn())
    opened.main.shut_down()
    assert told == [ZeroDivisionError]
    assert not opened.main.jobs.is_busy


def test_a_follower_that_fails_keeps_no_other_feature_from_hearing(opened, bench, monkeypatch):
    seen, told = set(), []
    monkeypatch.setattr("sys.excepthook", lambda *what: told.append(what[0]))
    bench.follow(lambda _effects: 1 / 0)
    for feature in features():
        if feature.id != "relink":
            hear = partial(lambda name, _effects: seen.add(name), feature.id)
            opened.main.workbenches[feature.id].follow(hear)
    opened.name_by_key(opened.names()[0])
    assert seen == {feature.id for feature in features()} - {"relink"}
    assert set(told) == {ZeroDivisionError}


def test_events_of_others_arrive_after_a_callback_that_fails(qtbot):
    jobs, heard = Jobs(), []
    with qtbot.captureExceptions() as errors:
        jobs.run("bad", Task(lambda _cancel: iter([1, 2]), lambda _event: 1 / 0))
        jobs.run("good", Task(lambda _cancel: iter("abc"), heard.append))
        wait(lambda: heard == ["a", "b", "c"] and not jobs.is_busy)
    assert errors
    jobs.shut_down()


def test_a_job_that_ends_the_thread_is_told_and_shutting_down_does_not_wait_for_it(qtbot):
    def job(_cancel):
        yield 1
        raise SystemExit

    jobs, errors = Jobs(), []
    jobs.run("bad", Task(job, on_failed=errors.append))
    wait(lambda: errors)
    jobs.shut_down()


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ("no feature", "not a Feature"),
        (Feature("mine.relink"), "the feature relink is taken by the feature relink"),
        (Feature("mine.other", api=3), "version 3"),
        (_acting("find_missing"), "the action find_missing is taken by the feature relink"),
        (_acting("a", menu="Tools/x/10"), "Tools"),
        (_acting("a", menu="Help"), "'Help' is no place such as 'File/project/60'"),
        (_acting("a", also=("Tools/x/10",)), "Tools"),
        (
            Feature("mine.other", commands=(Command("import", "Bring.", "a"),)),
            "the command import is taken by the feature exchange",
        ),
        (Feature("mine.other", drops=(Drop("sound", "", "Play", "a:b"),)), "sound"),
        (Feature("mine.other", extensions=(Extension("demo", "command"),)), "demo"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused(declared, why):
    with pytest.raises((TypeError, ValueError), match=why):
        check_declaration(declared, {feature.id: feature for feature in features()})


def test_a_name_that_the_frame_has_is_left_out_and_the_log_says_which(caplog):
    offered = [Command("label", "", "a"), Command("mine", "", "a"), Command("mine", "", "b")]
    left = list(not_taken("command", offered, lambda command: command.name, {"label"}))
    assert left == offered[1:2]
    assert [record.args for record in caplog.records] == [("command", "label"), ("command", "mine")]


def test_what_two_features_do_is_shown_until_each_has_ended(opened, bench):
    other, cancelled = opened.main.workbenches["models"], []
    bench.show_work("Looking", on_cancel=lambda: cancelled.append("relink"))
    other.show_work("Fetching", on_cancel=lambda: cancelled.append("models"))
    assert opened.status.startswith("Fetching")
    other.show_work("")
    assert opened.status.startswith("Looking")
    press_button(opened.main.status, "Cancel")
    assert cancelled == ["relink"]
    opened.menu("New project")
    wait(lambda: not opened.status.startswith("Looking"))
