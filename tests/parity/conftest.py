"""The exporter in this process, and a table at the end, also where several run the tests."""

import importlib
import logging
import signal
import sys
from pathlib import Path

import pytest

FIGURES = "figures"
EXPORTER = Path(__file__).parents[2] / "models" / "export"


@pytest.fixture(autouse=True)
def exporter_is_found(monkeypatch):
    """Let tests import the exporter's modules; no thread for bars outlives a test."""
    import tqdm

    monkeypatch.syspath_prepend(str(EXPORTER))
    monkeypatch.setattr(tqdm.tqdm, "monitor_interval", 0)


@pytest.fixture
def export(monkeypatch):
    """Return what exports as the command's process does, without the start of PyTorch each time."""
    for module, name in ((signal, "signal"), (logging, "disable")):  # of this process
        monkeypatch.setattr(module, name, lambda *_: None)
    exporter = importlib.import_module("run")

    def call(source, out, *options):
        monkeypatch.setattr(sys, "argv", ["run.py", str(source), "--out", str(out), *options])
        return exporter.main()

    return call


@pytest.fixture
def figures(record_property):
    """Return what takes a line of the table."""

    def add(line: str) -> None:
        record_property(FIGURES, line)

    return add


def pytest_terminal_summary(terminalreporter):
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.getreports(kind)]
    done = [report for report in reports if report.when == "call"]
    lines = [text for report in done for name, text in report.user_properties if name == FIGURES]
    if lines:
        terminalreporter.section("how near the exports are")
        for line in sorted(lines):
            terminalreporter.write_line(line)
