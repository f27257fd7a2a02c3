"""Random streams that are derived, never picked: sha256(salt | claim | setting | device | block).

What many claims read has a stream of its own: sha256(salt | device | block | its names).
This is the only room of the suite that turns a key into a generator's seed.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from harness.blocks.capabilities import generator_on

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Stream:
    """A key from which generators are made; equal keys give equal draws, children are distinct."""

    key: bytes
    common: Common | None = field(default=None, compare=False, repr=False)
    """Of the stream of a claim's block, and of what it shares with other claims."""

    def child(self, *names: str | int) -> Stream:
        """The stream below this one that the names identify."""
        return Stream(_digest(self.key, *(str(name).encode() for name in names)))

    def shared(self, *names: str | float) -> Stream:
        """The stream of an experiment that many claims read, by its name and setting.

        It is one for the blocks of an index on a device, whichever claim they are of. A stream
        that is no block's has nothing in common with another, and is itself.
        """
        if self.common is None:
            return self
        names_of_it = (str(name).encode() for name in names)
        return Stream(_digest(self.common.key, b"shared", *names_of_it), self.common)

    def numpy(self) -> np.random.Generator:
        """A fresh NumPy generator (SFC64) at the start of this stream."""
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(self._words())))

    def torch(self, device: str = "cpu") -> torch.Generator:
        """A fresh torch generator on the device at the start of this stream."""
        return generator_on(device, self.key).manual_seed(self.seed())

    @contextlib.contextmanager
    def in_place_of_the_process(self, device: str = "cpu") -> Iterator[None]:
        """Let modules that take no generator (torch.nn.Dropout) draw from this stream.

        The generators of the CPU and of the device are put back afterwards; those of other
        devices, which torch seeds along with them, are not.
        """
        import torch

        kind = torch.device(device).type
        devices = [] if kind == "cpu" else [torch.device(device)]
        with torch.random.fork_rng(devices=devices, device_type=kind):
            torch.manual_seed(self.seed())
            yield

    def seed(self) -> int:
        """A 63-bit integer for foreign generators (an adapter's explicit key)."""
        return int.from_bytes(self.key[:8], "big") >> 1

    def _words(self) -> list[int]:
        return [int.from_bytes(self.key[i : i + 4], "big") for i in range(0, len(self.key), 4)]


@dataclass(frozen=True)
class Common:
    """What the blocks of one index have in common on a device, whichever claims they are of.

    `folder` is where the processes of a run leave for each other what they measured; "" if none.
    """

    key: bytes
    folder: str = ""


def block_stream(
    salt: str, claim: str, setting: str, device: str, block: int, *, folder: str = ""
) -> Stream:
    """The stream of one block of replicates; it depends on these five names and nothing else."""
    common = Common(_named(salt, device, str(block)), folder)
    return Stream(_named(salt, claim, setting, device, str(block)), common)


def named_seed(*names: str) -> int:
    """A 63-bit integer from names: what Hypothesis draws a claim's settings with."""
    return Stream(_named(*names)).seed()


def _named(*names: str) -> bytes:
    return _digest(*(name.encode("utf-8", "surrogatepass") for name in names))


def _digest(*parts: bytes) -> bytes:
    # Every part carries its length, so that ("ab", "c") and ("a", "bc") are different streams.
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "big"))
        state.update(part)
    return state.digest()
