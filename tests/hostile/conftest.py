"""The table at the end, filled by each attack, also where several processes run the tests."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from hostile.measuring import Row, lines_of_table, seed

_PROPERTY = "hostile row"
Table = Callable[[str], Row]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all that is in this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.hostile)


@pytest.fixture
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """Return a function that begins a row; at the end all of them must be without a problem."""
    rows: list[Row] = []

    def begin(attack: str) -> Row:
        rows.append(Row(attack))
        return rows[-1]

    yield begin
    texts = [json.dumps(asdict(row)) for row in rows]
    request.node.user_properties += [(_PROPERTY, text) for text in texts]
    problems = [f"{row.attack}: {problem}" for row in rows for problem in row.problems]
    assert not problems, "\n".join(problems)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was tried, and what the worst of it took."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    texts = {
        value
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "teardown"
        for name, value in report.user_properties
        if name == _PROPERTY
    }
    rows = sorted((Row(**json.loads(text)) for text in texts), key=lambda row: row.attack)
    if rows:
        terminalreporter.section(f"hostile input, seed {seed()}")
        for line in lines_of_table(rows):
            terminalreporter.write_line(line)


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Return a function that says something at once, past pytest's capturing."""

    def say(text: str) -> None:
        with capsys.disabled():
            print(text, flush=True)  # noqa: T201

    return say
