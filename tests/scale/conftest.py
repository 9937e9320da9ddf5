"""The table at the end: what was asked of servers, what they did wrong, and what became of it."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import pytest
from faulty_servers import HALF, Faults
from pyarrow import parquet

_PROPERTY = "scale counts"
_FAULTS = {429: "429", 500: "500", 503: "503", HALF: "half", 403: "403", 404: "404"}
_COLUMNS = ("runs", "requests", *_FAULTS.values(), "asked again", "rows", "with a reason", "lost")


@pytest.fixture
def count(request: pytest.FixtureRequest, tmp_path) -> Iterator[Callable[[str, Faults], None]]:
    """Return a function that is told of a server; at the end its counts go into the table."""
    servers: list[tuple[str, Faults]] = []
    yield lambda name, faults: servers.append((name, faults))
    out = tmp_path / "out"
    for name, faults in servers:
        counts = Counter({"requests": faults.asked.total(), "asked again": faults.again})
        counts.update({_FAULTS[fault]: count for fault, count in faults.given.items()})
        if (out / "manifest.json").exists():
            listed = parquet.read_metadata(out / "images.parquet").num_rows
            files = (out / "embeddings").glob("*.parquet")
            rows = [row for file in files for row in parquet.read_table(file).to_pylist()]
            paths = {row["path"] for row in rows}
            assert len(paths) == len(rows), "an image is there twice"
            reasons = sum(row["problem"] is not None for row in rows)
            counts.update({"runs": 1, "rows": len(rows), "with a reason": reasons})
            counts["lost"] += listed - len(rows)
        request.node.user_properties.append((_PROPERTY, json.dumps([name, counts])))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the counts, a line for each kind of server."""
    servers = defaultdict[str, Counter[str]](Counter)
    for report in (one for reports in terminalreporter.stats.values() for one in reports):
        if isinstance(report, pytest.TestReport) and report.when == "teardown":
            for name, value in report.user_properties:
                if name == _PROPERTY:
                    server, counts = json.loads(str(value))
                    servers[server].update(counts)
    if not servers:
        return
    terminalreporter.section("servers that fail")
    width = max(map(len, servers))
    terminalreporter.write_line("  ".join([" " * width, *_COLUMNS]))
    for server, counts in sorted(servers.items()):
        cells = [f"{counts[name]:{len(name)},}" for name in _COLUMNS]
        terminalreporter.write_line("  ".join([f"{server:{width}}", *cells]))
