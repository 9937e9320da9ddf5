"""What tests of the window share."""

import pytest

from window_fixtures import *  # noqa: F403 - fixtures


@pytest.fixture
def on_pictures(opened):
    """The window with the focus on its first picture."""
    opened.menu("Go to the pictures")
    opened.select(0)
    return opened
