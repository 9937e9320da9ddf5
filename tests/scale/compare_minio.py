"""Labels pictures in a bucket of MinIO, or of another server of S3, as those of a folder.

    python tests/scale/compare_minio.py MINIO [PICTURES [OPTION...]]

MINIO is the program, which is started for this, or the address of a server (with AWS_ACCESS_KEY_ID
and AWS_SECRET_ACCESS_KEY). A bucket is made, PICTURES (a folder; by default the samples) are put
into it and labelled from there and from the folder, with the options of `label`, and vectors and
labels are compared. It ends with 0 where they are the same; the bucket is deleted. It needs
nameplate[cpu,remote].
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import s3fs
from pyarrow import parquet

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
NAMES = ("--concept", "dog", "--concept", "flower", "--concept", "car")


@contextmanager
def endpoint_of(given: str, scratch: str) -> Iterator[str]:
    """Yield the address of a server: the given one, or one that is started for this."""
    if given.startswith(("http://", "https://")):
        yield given
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user, password = "nameplate", "only-for-this-run"
    os.environ |= {"AWS_ACCESS_KEY_ID": user, "AWS_SECRET_ACCESS_KEY": password}
    secrets = {"MINIO_ROOT_USER": user, "MINIO_ROOT_PASSWORD": password}
    command = [given, "server", f"{scratch}/server", "--address", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, env=os.environ | secrets, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as knock:
                if server.poll() is not None or not knock.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def label(given: str, out: Path) -> dict[str, list[dict[str, Any]]]:
    """Label into the folder `out`; return the rows of its vectors and labels, by path."""
    command = [sys.executable, "-m", "nameplate", "label", given, "--out", str(out), *NAMES]
    code = subprocess.run([*command, *sys.argv[3:]], check=False).returncode
    if code not in (0, 1):
        sys.exit(f"{given}: nameplate ended with {code}")
    folders = {name: sorted((out / name).glob("*.parquet")) for name in ("embeddings", "labels")}
    return {
        name: sorted(
            (row for file in files for row in parquet.read_table(file).to_pylist()),
            key=lambda row: row["path"],
        )
        for name, files in folders.items()
    }


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    pictures = Path(sys.argv[2]) if len(sys.argv) > 2 else SAMPLES
    with tempfile.TemporaryDirectory() as scratch, endpoint_of(sys.argv[1], scratch) as url:
        os.environ["AWS_ENDPOINT_URL"] = url
        os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
        store, bucket = s3fs.S3FileSystem(), f"nameplate-{os.getpid()}-{time.time_ns()}"
        store.mkdir(bucket)
        try:
            store.put(f"{pictures}/", f"{bucket}/in/", recursive=True)
            there = label(f"s3://{bucket}/in", Path(scratch) / "there")
            here = label(str(pictures), Path(scratch) / "here")
        finally:
            store.rm(bucket, recursive=True)
    count, same = len(here["labels"]), repr(here) == repr(there)  # NaN equals nothing
    print(f"{count:,} images, {'the same' if same else 'OTHER'} vectors and labels from {url}")  # noqa: T201
    return 0 if same and count else 1


if __name__ == "__main__":
    sys.exit(main())
