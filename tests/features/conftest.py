"""What tests of features share: the window, for those that show something in it."""

from window_fixtures import *  # noqa: F403 - fixtures
