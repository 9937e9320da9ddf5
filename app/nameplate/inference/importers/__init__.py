"""Reads model folders of other exporters, without converting them."""
