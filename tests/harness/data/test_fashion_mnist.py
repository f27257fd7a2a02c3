"""The data set is found, checked and named; a folder that cannot serve says why."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.data import fashion_mnist
from harness.data.fashion_mnist import (
    CLASSES,
    FILES,
    FULL_DIGEST,
    SLICE,
    USUAL_FOLDERS,
    find_folder,
    load_images,
)
from harness.data.idx import DataError, read_idx
from studies.embedded_slice import (
    TEST_PER_CLASS,
    TRAIN_PER_CLASS,
    encode_idx,
    first_of_each_class,
    make_slice,
    write_idx,
)

needs_full = pytest.mark.skipif(
    find_folder({}) is None, reason="the full Fashion-MNIST is in none of the usual folders"
)


def write_folder(folder: Path, train: int = 40, test: int = 20) -> Path:
    """A data set of the right form, with pixels that count upwards."""
    folder.mkdir(parents=True, exist_ok=True)
    for images_name, labels_name, n in ((FILES[0], FILES[1], train), (FILES[2], FILES[3], test)):
        pixels = np.arange(n * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(n, 28, 28)
        write_idx(folder / f"{images_name}.gz", pixels)
        write_idx(folder / f"{labels_name}.gz", np.arange(n, dtype=np.uint8) % CLASSES)
    return folder


def test_the_slice_is_stratified_and_scaled() -> None:
    images = load_images("slice")

    assert images.name == "Fashion-MNIST, embedded slice"
    assert images.train_x.shape == (CLASSES * TRAIN_PER_CLASS, 784)
    assert images.train_x.dtype == np.float32
    assert images.train_y.dtype == np.int64
    assert (images.train_x.min(), images.train_x.max()) == (0.0, 1.0)
    np.testing.assert_array_equal(np.bincount(images.train_y), [TRAIN_PER_CLASS] * CLASSES)
    np.testing.assert_array_equal(np.bincount(images.test_y), [TEST_PER_CLASS] * CLASSES)


def test_the_slice_is_small_and_carries_its_licence() -> None:
    size = sum(path.stat().st_size for path in SLICE.iterdir())
    assert size < 1_400_000
    assert "2017 Zalando SE" in (SLICE / "LICENSE").read_text(encoding="utf-8")


def test_images_are_read_once_and_cannot_be_changed() -> None:
    images = load_images("slice")

    assert load_images("slice") is images
    with pytest.raises(ValueError, match="read-only"):
        images.train_x[0, 0] = 1


def test_a_changed_slice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = write_folder(tmp_path / "slice").resolve()
    monkeypatch.setattr(fashion_mnist, "SLICE", changed)

    with pytest.raises(DataError, match=r"checksum .*git checkout"):
        load_images("slice")


@needs_full
def test_the_slice_is_made_from_the_full_set_by_the_committed_script(tmp_path: Path) -> None:
    full = find_folder({})
    assert full is not None

    make_slice(full, tmp_path)

    assert load_images(tmp_path).digest == load_images("slice").digest


@needs_full
def test_the_full_set_is_recognised_by_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASHION_MNIST", raising=False)

    images = load_images("full")

    assert images.name == "Fashion-MNIST"
    assert images.digest == FULL_DIGEST
    assert images.train_x.shape == (60000, 784)
    assert images.test_x.shape == (10000, 784)


def test_a_named_folder_is_read_plain_or_gzipped_to_the_same_digest(tmp_path: Path) -> None:
    zipped = write_folder(tmp_path / "zipped")
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in FILES:
        array = read_idx(zipped / f"{name}.gz", dimensions=3 if "images" in name else 1)
        (plain / name).write_bytes(encode_idx(array))

    first, second = load_images(zipped), load_images(plain)

    assert first.digest == second.digest
    assert first.name == f"images in {zipped.resolve()}"
    np.testing.assert_array_equal(
        first.train_x[0, :3], np.arange(3, dtype=np.float32) / np.float32(255)
    )


def test_the_variable_comes_before_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    usual = write_folder(tmp_path / USUAL_FOLDERS[0])
    named = write_folder(tmp_path / "named")

    assert find_folder({}) == usual.resolve()
    assert find_folder({"FASHION_MNIST": str(named)}) == named.resolve()


def test_without_the_full_set_none_means_the_slice_and_full_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FASHION_MNIST", raising=False)
    monkeypatch.setattr(fashion_mnist, "USUAL_FOLDERS", (tmp_path / "nothing",))

    assert load_images(None) is load_images("slice")
    with pytest.raises(DataError, match=r"harness\.data\.fetch.*--claims-data"):
        load_images("full")


def test_a_usual_folder_that_lacks_a_file_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fashion_mnist, "USUAL_FOLDERS", USUAL_FOLDERS[:1])
    partial = write_folder(tmp_path / USUAL_FOLDERS[0])
    (partial / f"{FILES[3]}.gz").unlink()

    assert find_folder({}) is None


def break_nothing_there(folder: Path) -> None:
    shutil.rmtree(folder)


def break_one_file_missing(folder: Path) -> None:
    (folder / f"{FILES[1]}.gz").unlink()


def break_labels_too_few(folder: Path) -> None:
    write_idx(folder / f"{FILES[3]}.gz", np.zeros(7, dtype=np.uint8))


def break_label_too_large(folder: Path) -> None:
    write_idx(folder / f"{FILES[3]}.gz", np.full(20, 10, dtype=np.uint8))


def break_other_pixels(folder: Path) -> None:
    write_idx(folder / f"{FILES[0]}.gz", np.zeros((40, 32, 32), dtype=np.uint8))


def break_truncated(folder: Path) -> None:
    path = folder / f"{FILES[0]}.gz"
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize(("damage", "reason"), [
    (break_nothing_there, "is not a folder"),
    (break_one_file_missing, f"has neither {FILES[1]}.gz nor {FILES[1]}"),
    (break_labels_too_few, "holds 20 images but .* 7 labels"),
    (break_label_too_large, "the label 10, but the classes are 0 to 9"),
    (break_other_pixels, "32 x 32 pixels"), (break_truncated, "gzip"),
])  # fmt: skip
def test_a_useless_folder_says_why(
    tmp_path: Path, damage: Callable[[Path], None], reason: str
) -> None:
    folder = write_folder(tmp_path / "data")
    damage(folder)

    with pytest.raises(DataError, match=reason) as caught:
        load_images(folder)

    assert "; " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_slice_script_takes_the_first_of_each_class() -> None:
    labels = np.array([1, 0, 1, 0, 1, *range(2, 10), *range(2, 10)], dtype=np.uint8)
    kept = first_of_each_class(labels, per_class=1)
    np.testing.assert_array_equal(kept, [0, 1, *range(5, 13)])
