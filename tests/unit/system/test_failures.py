"""Paths in texts."""

import shlex

from nameplate.system.failures import as_word


def test_a_path_is_pasted_as_one_word_of_each_system_s_terminal(monkeypatch):
    monkeypatch.setattr("os.name", "nt")
    assert as_word(r"C:\My runs\1") == r'"C:\My runs\1"'
    monkeypatch.setattr("os.name", "posix")
    assert shlex.split(as_word("/it's mine/1")) == ["/it's mine/1"]
