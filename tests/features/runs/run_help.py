"""Names for runs of tests, and what is read and damaged of their folders."""

COLOURS = ("--concept", "red", "--concept", "green", "--concept", "blue")


def rows(out, folder):
    """Return the rows of the files in a folder of a run, such as `labels`."""
    from pyarrow import parquet

    files = sorted((out / folder).glob("*.parquet"))
    return [row for file in files for row in parquet.read_table(file).to_pylist()]
