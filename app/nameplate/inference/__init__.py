"""Exported encoders: model folders, devices, pixels and tokens in, unit vectors out."""
