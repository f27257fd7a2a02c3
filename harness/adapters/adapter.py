"""What turns an object of a framework into a function with its role's protocol.

    my_dropout = adapter("dropout", torch.nn.Dropout)
    my_init = adapter("xavier_uniform", jax.nn.initializers.glorot_uniform(), arrays="jax")

The conventions that frameworks disagree on are declared here and then held by the claims.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from harness.adapters.conventions import Conventions

ARRAYS = ("torch", "numpy", "jax", "keras", "sklearn")
RATES = ("drop", "keep")
LAYOUTS = ("out, in", "in, out")
DECAYS = ("coupled", "decoupled")


def adapter(
    role: str,
    thing: Any,
    *,
    arrays: str = "torch",
    rate: str = "drop",
    layout: str | None = None,
    decay: str = "coupled",
) -> Callable[..., Any]:
    """Return a function with the role's protocol that calls the object.

    Args:
        role: the role's name.
        thing: a function, class or instance; what fits is said in `harness.adapters.from_*`.
        arrays: whose it is: "torch", "numpy", "jax", "keras" or "sklearn".
        rate: whether dropout takes the "drop" rate (as the role does) or the "keep" rate.
        layout: the axes of dense weights, "out, in" (torch) or "in, out" (jax, keras, numpy code
            that computes x @ w); by default the framework's own.
        decay: whether weight decay is "coupled" (it joins the gradient) or "decoupled".

    Raises ValueError in one sentence for a convention or a role that there is no adapter for.
    """
    for name, value, known in (
        ("arrays", arrays, ARRAYS),
        ("rate", rate, RATES),
        ("layout", layout or "out, in", LAYOUTS),
        ("decay", decay, DECAYS),
    ):
        if value not in known:
            raise ValueError(f"{name}={value!r} is not known; there are: {', '.join(known)}")
    room = importlib.import_module(f"harness.adapters.from_{arrays}")
    if role not in room.ADAPTERS:
        raise ValueError(
            f"no adapter from {arrays} to the role {role!r}; there are: "
            f"{', '.join(room.ADAPTERS)}; write a function with the role's signature instead"
        )
    made: Callable[..., Any] = room.ADAPTERS[role](
        thing, Conventions(rate, layout or room.LAYOUT, decay)
    )
    named = getattr(thing, "func", thing)  # a functools.partial goes by the name of its function
    shown = getattr(named, "__qualname__", type(named).__qualname__)
    made.__qualname__ = f"adapter({getattr(named, '__module__', '')}:{shown})"
    made.arrays = arrays  # type: ignore[attr-defined]  # a claim that counts torch's operations asks
    return made
