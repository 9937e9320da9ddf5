"""Widgets over the window: panels, search lists, bubbles with remarks."""
