"""Training functions whose frameworks draw from global generators, as every DataLoader does."""

from __future__ import annotations

import contextlib
import functools
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from harness.adapters.conventions import Conventions

SEED = 0  # all runs of a trainer that are compared begin alike


@contextlib.contextmanager
def _begun_alike(device: torch.device) -> Iterator[None]:
    """Seed the generators of Python, NumPy and torch, and put them back afterwards."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    others = [] if device.type == "cpu" else [device]
    try:
        with torch.random.fork_rng(devices=others, device_type=device.type):
            random.seed(SEED)
            np.random.seed(SEED)  # noqa: NPY002
            torch.manual_seed(SEED)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def trainer(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A function with the role's arguments, or those of them that it takes.

    It may draw from the global generators of Python, NumPy and torch, as loaders and trainers do:
    each call begins them alike and puts them back.
    """

    @functools.wraps(thing, assigned=())
    def call(net: nn.Module, *arguments: Any, **options: Any) -> Any:
        with _begun_alike(next(net.parameters()).device):
            return thing(net, *arguments, **options)

    return call
