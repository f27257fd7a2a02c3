"""Stand-ins for tests of the plugin and of the door."""

from __future__ import annotations

import random
import threading
import time

import numpy as np
import torch
from torch import Tensor

from harness.declaration.not_applicable import NotApplicableError
from harness.primitives.dropout import dropout


def nothing(x: Tensor) -> Tensor:
    """The identity."""
    return x


def raises(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
    """A primitive that fails."""
    raise RuntimeError("the kernel is not compiled")


def returns_nan(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
    """A primitive that returns NaN."""
    return h * float("nan")


def returns_a_wrong_shape(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A primitive that flattens."""
    return h.reshape(-1)[:-1].clone()


def returns_a_wrong_dtype(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A primitive that widens."""
    return h.to(torch.float64) if h.dtype != torch.float64 else h.to(torch.float32)


def returns_nothing(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> None:
    """A primitive without a return."""


def never_returns(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
    """A primitive that hangs."""
    time.sleep(3600)
    return h


def two_arguments(h: Tensor, p: float) -> Tensor:
    """A signature that does not fit."""
    return h


not_callable = 3


def changes_its_input(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A primitive that works in place."""
    return h.mul_(2)


def returns_a_view(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A primitive whose result shares memory with its input."""
    return h.view(h.shape)


def draws_from_torch(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A primitive that draws from the global generator."""
    return torch.nn.functional.dropout(h, p, training)


def draws_from_numpy(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A primitive that draws from NumPy's global generator."""
    return h * float(np.random.random())  # noqa: NPY002


def draws_from_python(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A primitive that draws from Python's global generator."""
    return h * random.random()


def leaves_a_thread(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A primitive that does not finish what it started."""
    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
    return h * 2


def knows_no_mode(h: Tensor, p: float, generator: torch.Generator) -> Tensor:
    """A correct layer without an evaluation mode."""
    return dropout(h, p, generator)


def knows_no_bfloat16(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A correct layer for all but one dtype."""
    if h.dtype == torch.bfloat16:
        raise NotApplicableError("there is no bfloat16 here")
    return dropout(h, p, generator, training)
