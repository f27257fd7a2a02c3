"""Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): a small slice that is always here, and the full set.

Ten classes of clothes, 28 x 28 grey pixels, 60000 training and 10000 test images.
"""

import functools
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from harness.data.idx import Bytes, DataError, read_idx

CLASSES = 10
SIDE = 28  # pixels
FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
SLICE = Path(__file__).resolve().parent / "slice"
VARIABLE = "FASHION_MNIST"
TORCHVISION = Path("FashionMNIST", "raw")  # below the root that torchvision is given
USUAL_FOLDERS = (
    Path("data") / TORCHVISION,
    Path("..", "data") / TORCHVISION,
    Path("~", ".cache") / TORCHVISION,
    Path("/usr/share/datasets/fashion-mnist"),  # Debian's package dataset-fashion-mnist
)
FULL_DIGEST = "eee656c63c1c7a3b7c885d28c97fd74dc039264ce75eae7cb8d991df379ef736"
SLICE_DIGEST = "ce4075dfc54ed74d1a605471f09202f5904275f44e0dc7a289de9c6220e8be59"
NAMES = {
    FULL_DIGEST: "Fashion-MNIST",
    SLICE_DIGEST: "Fashion-MNIST, embedded slice",
}

Scalar = TypeVar("Scalar", bound=np.generic)
Source = Literal["slice", "full"] | Path | None


@dataclass(frozen=True)
class Images:
    """Training and test images with their classes; the arrays are read-only, as they are shared.

    `train_x` and `test_x`: float32, (n, 784), values in [0, 1], row-major pixels.
    `train_y` and `test_y`: int64, (n,), values 0 to 9.
    `digest`: SHA-256 of the files' values, in hexadecimal, whatever they were packed in.
    """

    train_x: npt.NDArray[np.float32]
    train_y: npt.NDArray[np.int64]
    test_x: npt.NDArray[np.float32]
    test_y: npt.NDArray[np.int64]
    name: str
    digest: str


def load_images(source: Source = None) -> Images:
    """The images of "slice", of "full" (wherever it is found), or of a folder with four IDX files.

    None means the full set where it is found and the slice elsewhere.
    Reads each folder once per process.
    Raises DataError, with the next step, for a folder that is missing, incomplete or damaged.
    """
    if isinstance(source, Path):
        return _load(_at_home(source).resolve())
    if source == "slice":
        return _load(SLICE)
    folder = find_folder()
    if folder is not None:
        return _load(folder)
    if source is None:
        return _load(SLICE)
    raise DataError(
        f"the full Fashion-MNIST is in none of {', '.join(map(str, USUAL_FOLDERS))}; fetch it with "
        f"`python -m harness.data.fetch`, install Debian's package dataset-fashion-mnist, or name "
        f"its folder with --claims-data or ${VARIABLE}"
    )


def files_of(source: str) -> tuple[Path, ...]:
    """The files of "slice", of "full" or of a folder, as far as they are there; not looked into."""
    folder = {"slice": SLICE, "full": find_folder()}.get(source, _at_home(Path(source)))
    found = () if folder is None else (_packed(folder, name) for name in FILES)
    return tuple(file for file in found if file is not None)


def find_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder with the full data set: the one $FASHION_MNIST names, else the first usual one."""
    named = environment.get(VARIABLE)
    if named:
        return _at_home(Path(named)).resolve()
    for folder in USUAL_FOLDERS:
        found = _at_home(folder)
        if all(_packed(found, name) for name in FILES):
            return found.resolve()
    return None


def _at_home(path: Path) -> Path:
    """The path with ~ as the home folder; as it is where nobody has one."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


@functools.cache
def _load(folder: Path) -> Images:
    if not folder.is_dir():
        raise DataError(
            f"{folder} is not a folder; name the one that holds {FILES[0]}.gz and its three "
            "companions, or leave the choice out to use the embedded slice"
        )
    train_x, train_y = read_pair(folder, FILES[0], FILES[1])
    test_x, test_y = read_pair(folder, FILES[2], FILES[3])
    digest = hashlib.sha256()
    for values in (train_x, train_y, test_x, test_y):
        digest.update(repr(values.shape).encode())
        digest.update(values.data)
    found = digest.hexdigest()
    if folder == SLICE and found != SLICE_DIGEST:
        raise DataError(
            f"{folder} holds values with the checksum {found}, but the embedded slice has "
            f"{SLICE_DIGEST}; restore it with `git checkout harness/data/slice`"
        )
    return Images(
        train_x=_unit(train_x),
        train_y=_frozen(train_y.astype(np.int64)),
        test_x=_unit(test_x),
        test_y=_frozen(test_y.astype(np.int64)),
        name=NAMES.get(found, f"images in {folder}"),
        digest=found,
    )


def read_pair(folder: Path, images_name: str, labels_name: str) -> tuple[Bytes, Bytes]:
    """Images (n, 28, 28) and labels (n,), checked against each other."""
    images_file, labels_file = _file(folder, images_name), _file(folder, labels_name)
    images, labels = read_idx(images_file, 3), read_idx(labels_file, 1)
    if images.shape[1:] != (SIDE, SIDE):
        raise DataError(
            f"{images_file} holds images of {images.shape[1]} x {images.shape[2]} pixels, but the "
            f"claims train on {SIDE} x {SIDE}; name a folder with Fashion-MNIST or data of its form"
        )
    if len(images) != len(labels):
        raise DataError(
            f"{images_file} holds {len(images)} images but {labels_file.name} {len(labels)} "
            "labels; take both files from the same data set"
        )
    if labels.max() >= CLASSES:
        raise DataError(
            f"{labels_file} holds the label {labels.max()}, but the classes are 0 to "
            f"{CLASSES - 1}; name a folder with Fashion-MNIST or data of its form"
        )
    return images, labels


def _file(folder: Path, name: str) -> Path:
    found = _packed(folder, name)
    if found is None:
        raise DataError(
            f"{folder} has neither {name}.gz nor {name}; copy it there, or fetch all four files "
            "with `python -m harness.data.fetch`"
        )
    return found


def _packed(folder: Path, name: str) -> Path | None:
    """The gzipped file if it is there, else the plain one, else None."""
    candidates = (folder / f"{name}.gz", folder / name)
    return next((path for path in candidates if path.is_file()), None)


def _unit(images: Bytes) -> npt.NDArray[np.float32]:
    """Pixels 0 to 255 as (n, 784) numbers in [0, 1]."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    flat /= 255
    return _frozen(flat)


def _frozen(array: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    array.flags.writeable = False
    return array
