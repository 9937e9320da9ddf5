"""What tests of `nameplate evaluate` share: the command, and its figures."""

import json

import pytest

from nameplate.cli.main import run


@pytest.fixture
def evaluate(tiny_model, capsys):
    """Run the command and return its exit code, what it printed, and what it said."""

    def call(*arguments):
        code = run(["evaluate", *map(str, arguments), "--model", str(tiny_model)])
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def figures(evaluate):
    """Run the command and return its figures."""

    def call(*arguments):
        code, out, _ = evaluate(*arguments, "--json")
        assert code == 0
        return json.loads(out)

    return call
