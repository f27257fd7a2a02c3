"""What primitives return: a tensor like another, a pair, a number; told where it is not so.

Wrong numbers are for the claims to refute.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[..., str | None]


def like(result: Any, model: Any, *_: Any, **__: Any) -> str | None:
    """An elementwise primitive returns a tensor of its input's shape, dtype and device."""
    for name in ("shape", "dtype", "device"):
        given = getattr(model, name, None)
        found = getattr(result, name, None)
        if given is not None and found != given:
            return (
                f"returned {name} {_show(found, result)} for an input of {name} "
                f"{_show(given, model)}; return the input's {name}"
            )
    return None


def _like_and_finite(result: Any, model: Any, *_: Any, **__: Any) -> str | None:
    problem = like(result, model)
    if problem is None and _finite(model) and not _finite(result):
        problem = f"returned {_strays(result)} for finite input; return finite values"
    return problem


def _initializer(result: Any, fan_in: int, fan_out: int, *rest: Any, **options: Any) -> str | None:
    replicates = options.get("replicates", rest[1] if len(rest) > 1 else 1)
    expected = (replicates, fan_out, fan_in)
    shape = tuple(getattr(result, "shape", ()))
    if shape != expected:
        return f"returned shape {shape}; return (replicates, fan_out, fan_in) = {expected}"
    if not _finite(result):
        return f"returned {_strays(result)}; return finite weights"
    return None


def _kernel(
    result: Any, kind: str, inputs: int, outputs: int, window: Any, groups: int, *rest: Any,
    **options: Any,
) -> str | None:  # fmt: skip
    from harness.primitives.convolutions import fans  # the reference's module takes torch

    replicates = options.get("replicates", rest[1] if len(rest) > 1 else 1)
    expected = (replicates, *fans(kind, inputs, outputs, window, groups)[0])
    shape = tuple(getattr(result, "shape", ()))
    if shape == expected:
        return None
    return f"returned shape {shape} for the kind {kind!r}; return (replicates, ...) = {expected}"


def _finite(value: Any) -> bool:
    if hasattr(value, "isfinite"):
        return bool(value.isfinite().all())
    import numpy as np

    return bool(np.isfinite(np.asarray(value, dtype=np.float64)).all())


def _strays(value: Any) -> str:
    """As "NaN or infinity (nan at [0, 3] of [4, 5], 7 of 20)": the first of what is not finite."""
    import numpy as np

    from harness.declaration.exhibits import as_array

    array = as_array(value)
    places = np.argwhere(~np.isfinite(array))
    first, shape = [int(axis) for axis in places[0]], list(array.shape)
    found = f"{array[tuple(first)]} at {first} of {shape}, {len(places)} of {array.size}"
    return f"NaN or infinity ({found})"


def _show(value: Any, owner: Any) -> str:
    if value is None:
        return f"nothing (a {type(owner).__name__})"
    return str(tuple(value) if isinstance(value, tuple) else value)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError, RuntimeError):  # torch's of a tensor with many elements
        return False
    return True


def _kind(result: Any) -> str:
    return "nothing" if result is None else f"a {type(result).__name__}"


def _is_pair(result: Any) -> bool:
    return isinstance(result, tuple | list) and len(result) == 2


def _number(what: str) -> Check:
    def check(result: Any, *_: Any, **__: Any) -> str | None:
        return None if _is_number(result) else f"returned {_kind(result)}; return {what}, a number"

    return check


def _losses(result: Any, *_: Any, **__: Any) -> str | None:
    listed = hasattr(result, "__len__") and getattr(result, "shape", None) != ()
    if listed and all(map(_is_number, result)):
        return None
    return f"returned {_kind(result)}; return the loss of every step, a list of numbers"


def _token_loss(result: Any, logits: Any, *_: Any, **__: Any) -> str | None:
    if getattr(result, "shape", None) != ():
        shape = tuple(getattr(result, "shape", ()))
        told = f"{_kind(result)} of shape {shape}" if shape else _kind(result)
        return f"returned {told}; return the loss as a tensor of shape ()"
    if logits.requires_grad and not result.requires_grad:
        return "returned a loss that autograd cannot follow; return it without detach() or item()"
    return None


def _normalised_batch(result: Any, x: Any, *_: Any, **__: Any) -> str | None:
    if not (_is_pair(result) and _is_pair(result[1])):
        return f"returned {_kind(result)}; return (y, (running mean, running variance))"
    return like(result[0], x)


def _stepped(result: Any, params: Any, *_: Any, **__: Any) -> str | None:
    if not (_is_pair(result) and hasattr(result[0], "__len__") and len(result[0]) == len(params)):
        return f"returned {_kind(result)}; return (parameters, state), as many parameters as given"
    return next(filter(None, map(like, result[0], params)), None)


def _in_place(result: Any, net: Any, *_: Any, **__: Any) -> str | None:
    if result is None or result is net:
        return None
    return f"returned {_kind(result)}; initialise the net that is given, in place"


def _of_ranks(result: Any, gradients: Any, *_: Any, **__: Any) -> str | None:
    def lists(value: Any) -> list[int]:
        return [len(one) if isinstance(one, list | tuple) else -1 for one in value]

    if not isinstance(result, list | tuple) or lists(result) != lists(gradients):
        return f"returned {_kind(result)}; return for every rank a list of as many tensors as given"
    pairs = zip(result, gradients, strict=True)
    return next(filter(None, (p for pair in pairs for p in map(like, *pair))), None)


def _averaged(result: Any, weights: Any, *_: Any, **__: Any) -> str | None:
    shapes = [getattr(w, "shape", None) for w in weights]
    listed = _is_pair(result) and isinstance(result[0], list | tuple)
    if listed and [getattr(a, "shape", None) for a in result[0]] == shapes:
        return None
    return f"returned {_kind(result)}; return (averages, state), averages of the weights' shapes"


def _indices(result: Any, *_: Any, **__: Any) -> str | None:
    if hasattr(result, "__len__") and all(map(_is_whole, result)):
        return None
    return f"returned {_kind(result)}; return the indices of the examples, whole numbers"


def _is_whole(value: Any) -> bool:
    try:
        operator.index(value)
    except TypeError:
        return False
    return True


def _groups(result: Any, *_: Any, **__: Any) -> str | None:
    if isinstance(result, list | tuple) and all(
        isinstance(group, Mapping) and {"params", "weight_decay"} <= group.keys()
        for group in result
    ):
        return None
    return (
        f"returned {_kind(result)} of something else than groups; return a list of "
        '{"params": [...], "weight_decay": rate}'
    )


CHECKS: dict[str, Check] = {
    **dict.fromkeys(("dropout", "channel_dropout", "path_dropout"), _like_and_finite),
    **dict.fromkeys(("relu", "sigmoid", "tanh", "scaled_sigmoid"), like),
    **dict.fromkeys(("xavier_uniform", "xavier_normal"), _initializer),
    **dict.fromkeys(("he_uniform", "he_normal", "plain_normal"), _initializer),
    **dict.fromkeys(("he_kernel", "xavier_kernel"), _kernel),
    **dict.fromkeys(("attention", "rms_norm", "layer_norm"), like),
    "batch_norm": _normalised_batch,
    "train_step": _number("the loss before the step"),
    "lr_schedule": _number("the rate of the step"),
    "token_loss": _token_loss,
    "decay_groups": _groups,
    "data_parallel_step": _of_ranks,
    "module_init": _in_place,
    "sixteen_bit_sgd": _stepped,
    "average_weights": _averaged,
    "distributed_sampler": _indices,
    "trainer": _losses,
}
# What a reader is told of them; of the others the form alone is looked at.
HELD: dict[Check, str] = {
    like: "Shape and dtype",
    _like_and_finite: "Shape, dtype and finiteness",
    _initializer: "Shape and finiteness",
    _kernel: "Shape",
}
