"""Export a model of open_clip or transformers into a model folder of Nameplate.

`python models/export/run.py SOURCE --out DIR [--int8 | --fp16] [--random-weights]`, or the command
`nameplate export-model`, which starts this file. The folder appears under its name only when it is
whole and has been compared with the original.
"""

import argparse
import logging
import os
import secrets
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import torch
from check import compare, require_near
from folder import write_manifest, write_tokenizer
from loaded import ExportError, Loaded
from smaller import LEAST_COSINES, make_smaller
from towers import write_towers

from nameplate.domain.errors import NameplateError

EXIT_MODEL = 3
EXIT_INTERRUPTED = 130


def main() -> int:
    """Export and return the exit code."""
    args = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        export(args)
    except (ExportError, NameplateError) as error:
        print(f"nameplate: {error}", file=sys.stderr)
        return EXIT_MODEL
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the libraries raise anything
        reason = (str(error).strip().splitlines() or [""])[0][:300]
        print(f"nameplate: the export failed: {type(error).__name__} {reason}", file=sys.stderr)
        return EXIT_MODEL
    return 0


def export(args: argparse.Namespace) -> None:
    """Write the folder `args.out`, or nothing.

    Raises:
        ExportError: It cannot be exported, or what was exported is not the original.
    """
    out = Path(args.out).resolve()
    if os.path.lexists(out):
        raise ExportError(f"{out} is there already. Choose another folder with --out.")
    logging.disable(logging.ERROR)  # the libraries' own; what matters comes as exceptions
    torch.manual_seed(0)
    _say(f"loading {args.source}")
    model = load(args.source, random_weights=args.random_weights)
    variant = "int8" if args.int8 else "fp16" if args.fp16 else "fp32"
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = out.parent / f".nameplate-{secrets.token_hex(6)}.tmp"
    try:
        temporary.mkdir()
        _fill(model, temporary, variant)
        temporary.rename(out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    megabytes = sum(path.stat().st_size for path in out.iterdir()) / 1e6
    print(f"{out}: {model.title}, {variant}, {megabytes:,.1f} MB")


def load(source: str, *, random_weights: bool) -> Loaded:
    """Load what `source` names.

    Raises:
        ExportError: It cannot be loaded.
    """
    kind, _, name = source.partition(":")
    if not name or kind not in ("open_clip", "transformers"):
        raise ExportError(
            f"“{source}” is no source. Write open_clip:ARCH/TAG, open_clip:ARCH@FILE or "
            "transformers:NAME_OR_FOLDER."
        )
    # Imported here, since each takes seconds and may not be installed.
    if kind == "open_clip":
        import from_open_clip as library  # noqa: PLC0415
    else:
        import from_transformers as library  # noqa: PLC0415
    return library.load(name, random_weights=random_weights)


def _fill(model: Loaded, folder: Path, variant: str) -> None:
    _say("writing the towers")
    write_towers(model, folder)
    write_tokenizer(model, folder)
    write_manifest(model, folder, "fp32")
    _say("comparing with the original")
    figures = compare(model, folder)
    print(f"fp32: {figures}")
    require_near(figures)
    if variant != "fp32":
        _say(f"making it {variant}")
        make_smaller(model, folder, variant)
        figures = compare(model, folder)
        print(f"{variant}: {figures}")
        require_near(figures, LEAST_COSINES[variant])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--out", required=True, metavar="DIR")
    smaller = parser.add_mutually_exclusive_group()
    smaller.add_argument("--int8", action="store_true")
    smaller.add_argument("--fp16", action="store_true")
    parser.add_argument("--random-weights", action="store_true")
    return parser.parse_args()


def _interrupt(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(f"nameplate: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
