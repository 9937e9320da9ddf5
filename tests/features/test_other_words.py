"""What features offer is found in the list of commands by former names and by words of others."""

import pytest

from nameplate.ui.commands.table import ACTIONS

OTHER_WORDS = {
    "how right": "how_right",
    "evaluation": "how_right",
    "promise": "promise",
    "guarantee": "promise",
    "another look": "another_look",
    "outliers": "another_look",
    "group": "groups",
    "cluster": "groups",
    "page by page": "sheets",
    "review": "sheets",
    "training": "learn",
    "burst": "stacks",
    "relink": "find_missing",
    "kappa": "compare_projects",
    "download": "models",
}
"""What is typed, and the action that is among the first found, where its feature is there."""


@pytest.mark.parametrize("typed", OTHER_WORDS)
def test_an_action_of_a_feature_is_found_by_other_words(window, typed):
    wanted = [action for action in ACTIONS if action.id == OTHER_WORDS[typed]]
    window.press("Ctrl+K")
    window.type(typed)
    for action in wanted:
        entries = [entry.removesuffix(" (on)") for entry in window.found]
        assert action.text.rstrip("…") in entries[:3]
