"""Commands and options that Nameplate does not have, with their replacements."""

from collections.abc import Sequence
from typing import Final

from nameplate.domain.errors import UsageError

REFUSED: Final = {
    "write-keywords": "Writing into pictures: pictures are only read. Export an ExifTool CSV "
    "(--format exiftool) and run the command that it prints.",
    "benchmark": "A benchmark command: nameplate doctor says how many images a second; "
    "python tests/perf/speed.py measures more.",
    "check-certificate": "Checking certificates (check-certificate): compare the digests in the "
    "certificate with sha256sum.",
    "project compare": "Comparing two projects (project compare): open one, drop the other on the "
    "window, and see Accuracy.",
    "project --seed": "Drawing the same sample twice (project new --seed): keep a copy of the "
    "project, which has the sample.",
    "evaluate --simulate": "Simulated annotators (evaluate --simulate): run "
    "python tests/perf/simulate.py DIR in a checkout.",
    "evaluate --compare": "Comparing two evaluations (evaluate --compare): compare the --json of "
    "both.",
    "export --files move": "Moving pictures into folders: export copies or links "
    "(--files copy or --files link), then delete the originals yourself.",
    "* --format fiftyone": "FiftyOne datasets (--format fiftyone): export class folders, which "
    "FiftyOne reads as ImageClassificationDirectoryTree.",
    "* --format parquet": "Parquet tables of labels (--format parquet): "
    'pandas.read_csv("labels.csv").to_parquet("labels.parquet"); large runs (label --out) write '
    "Parquet.",
    "export --split": "Splitting class folders into train, val and test (--split): export class "
    "folders, and split them with split-folders or scikit-learn.",
    "* --format ultralytics": "Ultralytics folders (--format ultralytics): export class folders; "
    "Ultralytics splits them by itself.",
    "export --format html": "Contact sheets (--format html): export a folder of copies, and print "
    "it from a photo manager.",
    "export --with-place": "Places (GPS): use ExifTool or a photo manager; copies of pictures keep "
    "what is in them.",
    "export --parents": "Names below names (animal > dog): each name stands alone; add a column of "
    "kinds to the CSV with a spreadsheet.",
    "* --allow-host": "Fetching pictures from other computers while labelling: copy them or mount "
    "the folder first; nothing is fetched.",
}
"""The texts of `docs/not-planned.md` by command, option and value (* for any command)."""


def check_refused(words: Sequence[str]) -> None:
    """Refuse a command line with a command or an option of `REFUSED`.

    Raises:
        UsageError: `words` have one.
    """
    first, *parts = [part for word in words for part in word.split("=", 1)] or [""]
    for refused, instead in REFUSED.items():
        command, *asked = refused.split()
        starts = range(len(parts) - len(asked) + 1) if command in ("*", first) else ()
        if any(parts[start : start + len(asked)] == asked for start in starts):
            raise UsageError("refused", instead=instead)
