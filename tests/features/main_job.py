"""Does the main job in a process of its own, with the features that are there.

Run as `python main_job.py FOLDER MODEL PROJECT CSV`: a window opens the project and the pictures of
the folder, names and labels them, undoes and redoes that, shows the export; the command line writes
CSV. Prints the ids of the features.
"""

import json
import sys
from importlib import import_module
from itertools import chain
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from nameplate.cli.main import run
from nameplate.formats.labels_csv import COLUMNS
from nameplate.formats.registry import FORMATS, IMPORTS
from nameplate.plug_ins.registry import features, resolve
from nameplate.ui.actions.table import actions_of
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.main_window import MainWindow
from nameplate.ui.widgets.bar_button import BarButton
from qt_help import wait

NAMES = ("red", "green", "blue")


def check_references() -> None:
    """Every reference of a declaration leads to something that can be called."""
    for feature in features():
        references = [str(action.run) for action in feature.actions]
        references += [drop.run for drop in feature.drops]
        for_facts = [(fact.to_json, fact.from_json, fact.join) for fact in feature.facts]
        references += filter(None, (feature.attach, *chain.from_iterable(for_facts)))
        extensions = [one for one in feature.extensions if not one.command.startswith("project ")]
        modules = [one.module for one in (*feature.commands, *extensions)]
        references += [f"{module}:add_options" for module in modules]
        if feature.package.startswith("nameplate."):
            references += feature.classifiers
        assert all(callable(resolve(feature, reference)) for reference in references)


def check_formats() -> None:
    """Every format of our own is registered."""
    of_ours = (one for one in features() if one.package.startswith("nameplate."))
    found = [resolve(feature, reference) for feature in of_ours for reference in feature.formats]
    assert all(one in (*FORMATS.values(), *IMPORTS.values()) for one in found)


def check_next_step(main: MainWindow) -> None:
    """One button is filled: that of the feature that checks pictures, or else auto-label."""
    feature_has_one = bool(actions_of("Next"))
    buttons = [one for one in main.tools.findChildren(BarButton) if one.defaultAction()]
    assert len(buttons) == 3 + feature_has_one
    (filled,) = [one for one in buttons if one.property("primary")]
    is_auto = filled.defaultAction() is main.actions_by_id["auto_label"]
    assert is_auto is not feature_has_one


def try_plug_in(main: MainWindow) -> None:
    """Use panel and view mode of the plug-in that is an example, if it is there."""
    if "tally" not in main.actions_by_id:
        return
    main.grid.selectAll()
    main.actions_by_id["tally"].trigger()
    table = main.workbenches["greeting"].part(import_module("greeting.tally").Tally).table
    counts = [int(item.text(1)) for item in table.items]
    sys.stdout.write(f"tally: {sum(counts)} pictures\n")
    main.actions_by_id["shades"].trigger()
    assert main.modes.current.name == "shades"
    main.modes.leave()


def do_in_window(folder: Path, model: Path, project: Path, settings: Path) -> None:
    kept = QSettings(str(settings), QSettings.Format.IniFormat)
    last = {"format": "xmp", "path": str(folder.with_name("sidecars"))}
    kept.setValue("export/last", json.dumps({str(project): last}))
    main = MainWindow(ModelInUse(model, "cpu"), kept)
    main.show()
    wait(lambda: main.model_in_use.model is not None)
    main.opener.open([project])
    wait(lambda: main.files.path == project)
    main.opener.open([folder])
    main.names.edits.add_lines(list(NAMES))
    images, reading = main.owner.project.images, main.reading
    wait(lambda: images.present and not images.waiting)
    wait(lambda: main.scoring.is_current and not (reading.is_reading or reading.is_scanning))
    wait(lambda: main.actions_by_id["auto_label"].isEnabled())
    check_next_step(main)
    main.actions_by_id["auto_label"].trigger()
    project_there = main.owner.project
    wait(lambda: "auto" in project_there.history.done[-1].title.code)
    labelled = project_there.labels.all.tobytes()
    main.actions_by_id["undo"].trigger()
    assert project_there.labels.all.tobytes() != labelled
    main.actions_by_id["redo"].trigger()
    assert project_there.labels.all.tobytes() == labelled
    try_plug_in(main)
    main.exporting.ask()
    assert main.exporting.panel.request.format is FORMATS.get("xmp", FORMATS["csv"])
    options = main.exporting.panel.options
    options.show_options(FORMATS["csv"])
    for name in COLUMNS:
        options.control(name).setChecked(True)
        assert name in options.options.columns
        assert not options.control(name).isHidden()
    main.close()
    main.end_work()
    main.shut_down()


def main(folder: Path, model: Path, project: Path, csv: Path) -> int:
    app = QApplication(["test"])
    check_references()
    check_formats()
    do_in_window(folder, model, project, csv.with_suffix(".ini"))
    app.processEvents()
    concepts = [part for name in NAMES for part in ("--concept", name)]
    sys.stdout.write(f"features: {' '.join(feature.id for feature in features())}\n")
    exported = csv.with_name("exported.csv")
    flags = [column.flag for column in COLUMNS.values()]
    if code := run(["export", str(project), "--out", str(exported), "--no-scores", *flags]):
        return code
    return run(["label", str(folder), *concepts, "--csv", str(csv), "--model", str(model)])


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
