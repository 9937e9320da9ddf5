"""What features offer is found in the list of actions by former names and by words of others."""

from nameplate.ui.actions.table import ACTIONS

OTHER_WORDS = {
    "how right": "how_right",
    "evaluation": "how_right",
    "certify": "check_at_random",
    "guarantee": "check_at_random",
    "another look": "audit",
    "outliers": "audit",
    "given labels": "audit",
    "possible mistakes": "audit",
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


def test_an_action_of_a_feature_is_found_by_other_words(window):
    texts = {action.id: action.text.rstrip("…") for action in ACTIONS}
    for typed, action_id in OTHER_WORDS.items():
        window.press("Ctrl+K")
        window.type(typed)
        entries = [entry.removesuffix(" (on)") for entry in window.found]
        assert action_id not in texts or texts[action_id] in entries[:3], typed
        window.press("Escape")
