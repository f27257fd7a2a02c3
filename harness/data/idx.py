"""IDX files of unsigned bytes, plain or gzipped, read as untrusted input.

The format: two zero bytes, a type code, the number of dimensions, one big-endian uint32 for each
dimension, then the values in C order.
The header says how long the file has to be, so no more than that is ever decompressed.
"""

import gzip
import io
import math
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

UNSIGNED_BYTE = 0x08
GZIP_MAGIC = b"\x1f\x8b"
LARGEST = 256 << 20  # bytes; Fashion-MNIST's largest file holds 60000 * 28 * 28 = 47 million
NEXT_STEP = "copy the file again, or fetch it with `python -m harness.data.fetch`"

Bytes = npt.NDArray[np.uint8]


class DataError(ValueError):
    """A data file or folder that cannot be used; the message says why and what to do next."""


def read_idx(path: Path, dimensions: int, largest: int = LARGEST) -> Bytes:
    """The array in an IDX file: uint8, read-only, of exactly `dimensions` dimensions.

    Accepts at most `largest` bytes of values, and decompresses no more than the header announces.
    Raises DataError for anything that is not one whole, well-formed file.
    """
    if not path.is_file():
        raise DataError(f"{path} is not a file; {NEXT_STEP}")
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            if not zipped:
                return _parse(raw, path, dimensions, largest)
            with gzip.GzipFile(fileobj=raw) as unzipped:
                return _parse(unzipped, path, dimensions, largest)
    except EOFError as error:
        raise DataError(f"{path} ends in the middle of its gzip stream; {NEXT_STEP}") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is not a sound gzip file ({error}); {NEXT_STEP}") from error
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror or error}); "
            "check the disk and the permissions, or name another folder"
        ) from error


def _parse(file: io.BufferedIOBase, path: Path, dimensions: int, largest: int) -> Bytes:
    magic = file.read(4)
    expected = bytes([0, 0, UNSIGNED_BYTE, dimensions])
    if magic != expected:
        raise DataError(
            f"{path} starts with {magic.hex(' ') or 'nothing'}, but an IDX file of unsigned bytes "
            f"with {dimensions} dimension(s) starts with {expected.hex(' ')}; {NEXT_STEP}"
        )
    header = file.read(4 * dimensions)
    if len(header) < 4 * dimensions:
        raise DataError(f"{path} ends in the middle of its header; {NEXT_STEP}")
    shape = struct.unpack(f">{dimensions}I", header)
    size = math.prod(shape)  # Python's integers: a product of uint32 cannot overflow
    if not 0 < size <= largest:
        raise DataError(
            f"{path} announces {' x '.join(map(str, shape))} = {size} values, "
            f"but 1 to {largest} are accepted; {NEXT_STEP}"
        )
    values = file.read(size + 1)  # one more shows what trails, and has gzip check its checksum
    if len(values) < size:
        raise DataError(f"{path} announces {size} values but holds only {len(values)}; {NEXT_STEP}")
    if len(values) > size:
        raise DataError(f"{path} goes on after the {size} values it announces; {NEXT_STEP}")
    return np.frombuffer(values, dtype=np.uint8).reshape(shape)
