"""Stand-ins for tests of the plugin and of the door."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness.declaration.not_applicable import NotApplicableError
from harness.primitives.dropout import dropout


def layer(name: str, fault: Callable[[Tensor], Any]) -> Callable[..., Any]:
    """Dropout of this name that does so with its input, whatever the rate and the mode."""

    def faulty(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Any:
        return fault(h)

    faulty.__name__ = faulty.__qualname__ = name
    return faulty


def nothing(x: Tensor) -> Tensor:
    """The identity."""
    return x


def _raise(h: Tensor) -> Tensor:
    raise RuntimeError("the kernel is not compiled")


def _leave_a_thread(h: Tensor) -> Tensor:
    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
    return h * 2


raises = layer("raises", _raise)
returns_nan = layer("returns_nan", lambda h: h * float("nan"))
returns_a_wrong_shape = layer("returns_a_wrong_shape", lambda h: h.reshape(-1)[:-1].clone())
returns_a_wrong_dtype = layer(
    "returns_a_wrong_dtype",
    lambda h: h.to(torch.float32 if h.dtype == torch.float64 else torch.float64),
)
returns_nothing = layer("returns_nothing", lambda h: None)
never_returns = layer("never_returns", lambda h: time.sleep(3600))
changes_its_input = layer("changes_its_input", lambda h: h.mul_(2))
returns_a_view = layer("returns_a_view", lambda h: h.view(h.shape))
draws_from_torch = layer("draws_from_torch", torch.nn.functional.dropout)
draws_from_numpy = layer("draws_from_numpy", lambda h: h * float(np.random.random()))  # noqa: NPY002
draws_from_python = layer("draws_from_python", lambda h: h * random.random())
leaves_a_thread = layer("leaves_a_thread", _leave_a_thread)
not_callable = 3


def two_arguments(h: Tensor, p: float) -> Tensor:
    """A signature that does not fit."""
    return h


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
