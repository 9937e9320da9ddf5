"""Formats of other programs, a module each; CSV and the frame of all are `nameplate.formats`."""
