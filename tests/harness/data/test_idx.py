"""IDX files come back as written, and no other bytes do more than raise one clear error."""

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.data.idx import Bytes, DataError, read_idx
from studies.embedded_slice import encode_idx, write_idx

SMALL = 1 << 16  # bytes that these tests let a file announce
IN_ONE_FOLDER = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def byte_arrays(draw: st.DrawFn) -> Bytes:
    shape = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    values = draw(st.binary(min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    return np.frombuffer(values, dtype=np.uint8).reshape(shape)


@IN_ONE_FOLDER
@given(array=byte_arrays(), zipped=st.booleans())
def test_an_array_comes_back_as_it_was_written(tmp_path: Path, array: Bytes, zipped: bool) -> None:
    path = tmp_path / "array"
    if zipped:
        write_idx(path, array)
    else:
        path.write_bytes(encode_idx(array))

    found = read_idx(path, array.ndim)

    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, array)


@IN_ONE_FOLDER
@given(data=st.data(), array=byte_arrays(), zipped=st.booleans())
def test_mutated_bytes_give_an_array_of_the_announced_size_or_the_clear_error(
    tmp_path: Path, data: st.DataObject, array: Bytes, zipped: bool
) -> None:
    whole = encode_idx(array)
    content = bytearray(gzip.compress(whole) if zipped else whole)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    path = tmp_path / "mutated"
    path.write_bytes(content[:end] + data.draw(st.binary(max_size=3)))

    try:
        found = read_idx(path, array.ndim, largest=SMALL)
    except DataError:
        return
    assert found.ndim == array.ndim
    assert found.size <= SMALL


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=64), dimensions=st.integers(1, 4))
def test_arbitrary_bytes_give_only_the_clear_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, dimensions: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "arbitrary"
    path.write_bytes(content)

    try:
        found = read_idx(path, dimensions, largest=SMALL)
    except DataError:
        return
    assert encode_idx(found) == content


WHOLE = encode_idx(np.arange(6, dtype=np.uint8).reshape(2, 3))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "starts with nothing", id="empty"),
        pytest.param(b"\x89PNG", "starts with 89 50 4e 47", id="another format"),
        pytest.param(b"\0\0\x0d\x02" + WHOLE[4:], "00 00 08 02", id="floats"),
        pytest.param(b"\0\0\x08\x03" + WHOLE[4:], "2 dimension", id="another rank"),
        pytest.param(WHOLE[:9], "middle of its header", id="header cut"),
        pytest.param(WHOLE[:-1], "holds only 5", id="values cut"),
        pytest.param(WHOLE + b"\0", "goes on after", id="trailing byte"),
        pytest.param(struct.pack(">I2I", 0x802, 0, 3), "0 x 3 = 0", id="no values"),
        pytest.param(
            struct.pack(">I2I", 0x802, 2**32 - 1, 2**32 - 1),
            "18446744065119617025 values",
            id="product beyond 64 bits",
        ),
        pytest.param(gzip.compress(WHOLE)[:-9], "middle of its gzip stream", id="gzip cut"),
        pytest.param(gzip.compress(WHOLE)[:-8] + bytes(8), "CRC", id="gzip checksum"),
        pytest.param(gzip.compress(WHOLE) + b"x", "not a sound gzip", id="gzip trailing byte"),
        pytest.param(b"\x1f\x8b\x08" + bytes(9), "gzip", id="gzip header alone"),
    ],
)
def test_a_damaged_file_is_refused_for_what(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(content)

    with pytest.raises(DataError, match=reason) as caught:
        read_idx(path, 2)

    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_gzip_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(gzip.compress(encode_idx(np.zeros(64 << 20, dtype=np.uint8)), 1))

    tracemalloc.start()
    with pytest.raises(DataError, match="accepted"):
        read_idx(bomb, 1, largest=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1 << 20


def test_a_bomb_behind_a_small_header_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(gzip.compress(WHOLE + bytes(64 << 20), 1))

    tracemalloc.start()
    with pytest.raises(DataError, match="goes on after"):
        read_idx(bomb, 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1 << 20


@pytest.mark.parametrize("name", ["nothing-here", "."])
def test_a_path_that_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="is not a file"):
        read_idx(tmp_path / name, 1)


def test_the_same_array_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    array = np.arange(100, dtype=np.uint8)

    write_idx(tmp_path / "first", array)
    write_idx(tmp_path / "second", array)

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
