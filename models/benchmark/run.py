"""One way from image files to embeddings, as a process that runs it each time it is told to.

`python models/benchmark/run.py LOOP --files FILE --vectors FILE [--model DIR]`, started by
`nameplate benchmark --against torch`. It loads the model, runs over all files once, writes the
vectors, and says that it is ready; then each line on its input is answered with a round's seconds.
So the ways that are compared can take turns although none shares a process with another.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray

Loop = Callable[[list[str]], NDArray[np.float32]]
"""From files to vectors of unit length, N x D, in their order."""

TORCH = ("data-loader", "pipeline", "one-by-one")


def main() -> None:
    """Run rounds until the input ends."""
    args = _arguments()
    files = Path(args.files).read_text(encoding="utf-8").splitlines()
    loop = _loop(args)
    np.save(args.vectors, loop(files))  # the first run plans memory and starts what it works with
    _say({"ready": args.loop})
    for _ in sys.stdin:
        start, cpu = time.perf_counter(), _cpu()
        loop(files)
        _say({"seconds": time.perf_counter() - start, "cpu": _cpu() - cpu, "images": len(files)})


def _loop(args: argparse.Namespace) -> Loop:
    if args.loop not in TORCH:
        return nameplate_loop(Path(args.model))
    import loops  # noqa: PLC0415 - PyTorch belongs into its own processes alone

    return loops.LOOPS[args.loop]()


def nameplate_loop(folder: Path) -> Loop:
    """Return Nameplate's own way, without a cache."""
    from nameplate.domain.progress import CancelToken  # noqa: PLC0415
    from nameplate.inference.model import load_model  # noqa: PLC0415
    from nameplate.services.benchmark.reading import embed  # noqa: PLC0415

    model = load_model(folder, device="cpu").load()
    return lambda files: embed([Path(file) for file in files], model, CancelToken())


def _cpu() -> float:
    """Return the seconds of the processor that this process and its workers used."""
    own = psutil.Process()
    spent = [one.cpu_times() for one in (own, *own.children(recursive=True))]
    return sum(times.user + times.system for times in spent)


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("loop", choices=["nameplate", *TORCH])
    parser.add_argument("--files", required=True, metavar="FILE", help="a path a line")
    parser.add_argument("--vectors", required=True, metavar="FILE", help="where to write them")
    parser.add_argument("--model", metavar="DIR", help="for Nameplate's own loop")
    return parser.parse_args()


if __name__ == "__main__":
    main()
