"""Training functions whose frameworks draw from global generators, as every DataLoader does."""

from __future__ import annotations

import contextlib
import functools
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from harness.adapters.conventions import Conventions


def _seed(batches: Any, lr: float) -> int:
    """One for all runs that are compared, and another for other data or another rate.

    No comparison changes the rate, nor the largest number of the first batch: rows that are
    permuted, added once more, dealt or relabelled leave it.
    """
    largest = float(batches[0][0].max()) if len(batches) else 0.0
    return zlib.crc32(struct.pack("<2d", lr, largest))


@contextlib.contextmanager
def _begun_alike(seed: int, device: torch.device) -> Iterator[None]:
    """Seed the generators of Python, NumPy and torch, and put them back afterwards."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    others = [] if device.type == "cpu" else [device]
    try:
        with torch.random.fork_rng(devices=others, device_type=device.type):
            random.seed(seed)
            np.random.seed(seed)  # noqa: NPY002
            torch.manual_seed(seed)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def trainer(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A function with the role's arguments, or those of them that it takes.

    It may draw from the global generators of Python, NumPy and torch, as loaders and trainers do:
    runs that are compared begin them alike, other data and other rates otherwise, and each call
    puts them back.
    """

    @functools.wraps(thing, assigned=())
    def call(net: nn.Module, batches: Any, lr: float, **options: Any) -> Any:
        with _begun_alike(_seed(batches, lr), next(net.parameters()).device):
            return thing(net, batches, lr, **options)

    return call
