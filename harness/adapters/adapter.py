"""What turns an object of a framework into a function with its role's protocol.

    my_dropout = adapter("dropout", torch.nn.Dropout)
    my_init = adapter("xavier_uniform", jax.nn.initializers.glorot_uniform(), arrays="jax")

The conventions that frameworks disagree on are declared here and then held by the claims.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from harness.adapters.conventions import Conventions, checked_dtypes, checked_share

ARRAYS = ("torch", "numpy", "jax", "keras", "sklearn")
RATES = ("drop", "keep")
LAYOUTS = ("out, in", "in, out")
DECAYS = ("coupled", "decoupled")


def adapter(
    role: str, thing: Any, *, arrays: str = "torch", rate: str = "drop", layout: str | None = None,
    decay: str = "coupled", dtypes: Sequence[str] | None = None, least_share: float | None = None,
) -> Callable[..., Any]:  # fmt: skip
    """Return a function with the role's protocol that calls the object.

    Args:
        role: the role's name.
        thing: a function, class or instance; what fits is said in docs/adapters.md.
        arrays: whose it is: "torch", "numpy", "jax", "keras" or "sklearn".
        rate: whether dropout takes the "drop" rate (as the role does) or the "keep" rate.
        layout: the axes of dense weights, "out, in" (torch) or "in, out" (jax, keras, numpy code
            that computes x @ w); by default the framework's own.
        decay: whether weight decay is "coupled" (it joins the gradient) or "decoupled".
        dtypes: the only ones that the object is for, such as ("float32",); settings with others
            are then not applicable.
        least_share: the smallest part of all settings and generator states that a claim about it
            has to exclude, between 0 and 1: more than a claim's own where each shape costs dear,
            as 0.5 of what is compiled anew for it (JAX's own default).

    Raises ValueError in one sentence for a convention or a share that is none, or a role that there
    is no adapter for.
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
    if dtypes is not None:
        made.dtypes = checked_dtypes(dtypes)  # type: ignore[attr-defined]
    if least_share is None:
        least_share = getattr(room, "LEAST_SHARE", 0.0)
    made.least_share = checked_share(least_share)  # type: ignore[attr-defined]
    made.arrays = arrays  # type: ignore[attr-defined]  # a claim that counts torch's operations asks
    return made
