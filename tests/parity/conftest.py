"""Shows what was measured as a table at the end, also where the tests run in several processes."""

import pytest

FIGURES = "figures"


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
