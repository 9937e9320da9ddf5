"""A column of the labels CSV: how large each file is."""

from nameplate.formats.export_format import Column


def cells(project):
    sizes = project.images.contents["size"].copy()  # what is changed meanwhile is not in it
    return lambda rows: ["" if size < 0 else str(size) for size in sizes[rows].tolist()]


BYTES = Column("bytes", "how large each file is", "How large each file is", cells)
