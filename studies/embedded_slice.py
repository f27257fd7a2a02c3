"""Makes the embedded slice again: `python -m studies.embedded_slice FULL OUT`.

Nothing is drawn: the slice is the first 200 training and the first 100 test images of every class,
in the order of the full files.
"""

import argparse
import gzip
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.data.fashion_mnist import CLASSES, FILES, SLICE, read_pair
from harness.data.idx import UNSIGNED_BYTE, Bytes

TRAIN_PER_CLASS = 200
TEST_PER_CLASS = 100


def make_slice(full: Path, out: Path) -> None:
    """Write the slice's four files to `out`, from the full data set in the folder `full`."""
    out.mkdir(parents=True, exist_ok=True)
    pairs = ((FILES[0], FILES[1], TRAIN_PER_CLASS), (FILES[2], FILES[3], TEST_PER_CLASS))
    for images_name, labels_name, per_class in pairs:
        images, labels = read_pair(full, images_name, labels_name)
        kept = first_of_each_class(labels, per_class)
        write_idx(out / f"{images_name}.gz", images[kept])
        write_idx(out / f"{labels_name}.gz", labels[kept])


def encode_idx(array: Bytes) -> bytes:
    """The content of an IDX file that holds `array`."""
    header = struct.pack(f">HBB{array.ndim}I", 0, UNSIGNED_BYTE, array.ndim, *array.shape)
    return header + array.tobytes()


def write_idx(path: Path, array: Bytes) -> None:
    """Write a gzipped IDX file, without name or time in it, so that it can be made again."""
    path.write_bytes(gzip.compress(encode_idx(array), compresslevel=9, mtime=0))


def first_of_each_class(labels: Bytes, per_class: int) -> npt.NDArray[np.intp]:
    """The positions, ascending, of the first `per_class` labels of every class."""
    firsts = [np.flatnonzero(labels == label)[:per_class] for label in range(CLASSES)]
    return np.sort(np.concatenate(firsts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m studies.embedded_slice", description=__doc__)
    parser.add_argument("full", type=Path, help="the folder with the full data set")
    parser.add_argument("out", type=Path, nargs="?", default=SLICE, help="default: %(default)s")
    arguments = parser.parse_args()
    make_slice(arguments.full, arguments.out)
