"""Downloads the four files of Fashion-MNIST: `python -m harness.data.fetch [--to DIR]`.

Each file is checked against its SHA-256 before it gets its name, so a folder never holds a part.
"""

import argparse
import hashlib
import http.client
import os
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from harness.data.fashion_mnist import TORCHVISION
from harness.data.idx import DataError

ADDRESS = "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/"
SUMS = {  # the gzipped files of the official repository
    "train-images-idx3-ubyte.gz": (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
    ),
    "train-labels-idx1-ubyte.gz": (
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"
    ),
}
LARGEST = 64 << 20  # bytes; the largest of the four files has 26 million
PATIENCE = 60  # seconds without a byte
CHUNK = 1 << 20


def fetch(folder: Path, address: str = ADDRESS, sums: Mapping[str, str] = SUMS) -> list[Path]:
    """The files, downloaded to `folder` where they are not there with the right sum already.

    Raises DataError, with the next step, when a download fails or its checksum is another.
    """
    if not address.startswith(("http://", "https://")):
        raise DataError(
            f"address={address!r} is no web address; give one that starts with https://"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_fetch_one(folder / name, address, expected) for name, expected in sums.items()]
    except (OSError, http.client.HTTPException) as error:
        raise DataError(
            f"the download from {address} to {folder} failed ({error}); check the network and the "
            "folder, or copy the four files there by hand"
        ) from error


def _fetch_one(path: Path, address: str, expected: str) -> Path:
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == expected:
        return path
    source = address.rstrip("/") + "/" + path.name
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        found = _download(source, part)
        if found != expected:
            raise DataError(
                f"{source} has the SHA-256 {found} instead of {expected}; try again, "
                "or take the file from another place"
            )
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _download(source: str, path: Path) -> str:
    """Write what the address sends to a file and return its SHA-256 in hexadecimal."""
    digest, received = hashlib.sha256(), 0
    with urllib.request.urlopen(source, timeout=PATIENCE) as answer, path.open("wb") as file:
        while chunk := answer.read(CHUNK):
            received += len(chunk)
            if received > LARGEST:
                raise DataError(
                    f"{source} sends more than {LARGEST} bytes; check that the address is right"
                )
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def main() -> int:
    """Fetch as the command line says; the exit status is 0, or 1 with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m harness.data.fetch", description=__doc__)
    folder = Path("data") / TORCHVISION
    parser.add_argument("--to", type=Path, default=folder, help="folder (default: %(default)s)")
    parser.add_argument("--address", default=ADDRESS, help="web folder (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        for path in fetch(arguments.to, arguments.address):
            print(path)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
