"""Random streams that are derived, never picked: sha256(salt | claim | setting | device | block).

This is the only room of the suite that turns a key into a generator's seed.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Stream:
    """A key from which generators are made; equal keys give equal draws, children are distinct."""

    key: bytes

    def child(self, *names: str | int) -> Stream:
        """The stream below this one that the names identify."""
        return Stream(_digest(self.key, *(str(name).encode() for name in names)))

    def numpy(self) -> np.random.Generator:
        """A fresh NumPy generator (SFC64) at the start of this stream."""
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(self._words())))

    def torch(self, device: str = "cpu") -> torch.Generator:
        """A fresh torch generator on the device at the start of this stream."""
        import torch

        return torch.Generator(device=device).manual_seed(self.seed())

    @contextlib.contextmanager
    def in_place_of_the_process(self, device: str = "cpu") -> Iterator[None]:
        """Let modules that take no generator (torch.nn.Dropout) draw from this stream.

        The generators of the CPU and of the device are put back afterwards; those of other
        devices, which torch seeds along with them, are not.
        """
        import torch

        devices = [] if device == "cpu" else [torch.device(device)]
        with torch.random.fork_rng(devices=devices):
            torch.manual_seed(self.seed())
            yield

    def seed(self) -> int:
        """A 63-bit integer for foreign generators (an adapter's explicit key)."""
        return int.from_bytes(self.key[:8], "big") >> 1

    def _words(self) -> list[int]:
        return [int.from_bytes(self.key[i : i + 4], "big") for i in range(0, len(self.key), 4)]


def block_stream(salt: str, claim: str, setting: str, device: str, block: int) -> Stream:
    """The stream of one block of replicates; it depends on these five names and nothing else."""
    names = (salt, claim, setting, device, str(block))
    return Stream(_digest(*(name.encode("utf-8", "surrogatepass") for name in names)))


def named_seed(*names: str) -> int:
    """A 63-bit integer from names: what Hypothesis draws a claim's settings with."""
    return Stream(_digest(*(name.encode("utf-8", "surrogatepass") for name in names))).seed()


def _digest(*parts: bytes) -> bytes:
    # Every part carries its length, so that ("ab", "c") and ("a", "bc") are different streams.
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.digest()
