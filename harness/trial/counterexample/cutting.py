"""The arguments of a call as trees of arrays: copied, cut along axes and rounded."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def plain(value: Any) -> Any:
    """Tensors without their gradients, and everything in lists, tuples and dictionaries."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach().cpu().contiguous()  # as a literal is
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(plain, value)) if type(value) in (list, tuple) else value
    return value


def copied(given: Arguments) -> Arguments:
    """A copy that a call may write into, with a generator of its own."""
    copy: Arguments = mapped(given, copy_of)
    return copy


def copy_of(leaf: Any) -> Any:
    """A copy of a tensor or an array."""
    return leaf.clone() if hasattr(leaf, "clone") else leaf.copy()


def mapped(given: Any, change: Callable[[Any], Any]) -> Any:
    """The tree with every array changed, and every generator a new one, with its default seed."""
    import torch

    if isinstance(given, torch.Generator):
        return torch.Generator()
    if isinstance(given, dict):
        return {key: mapped(item, change) for key, item in given.items()}
    if isinstance(given, list | tuple):
        return type(given)(mapped(item, change) for item in given)
    return change(given) if hasattr(given, "shape") and hasattr(given, "ndim") else given


def shortened(given: Any, size: int, part: slice) -> Any:
    """The tree with the part of every list of that length: those of parameters go together."""
    if isinstance(given, dict):
        return {key: shortened(item, size, part) for key, item in given.items()}
    if isinstance(given, tuple):
        return tuple(shortened(item, size, part) for item in given)
    return given[part] if isinstance(given, list) and len(given) == size else given


def lengths(given: Any) -> set[int]:
    """The lengths of the lists that arguments are."""
    return {len(item) for item in (*given[0], *given[1].values()) if isinstance(item, list)}


def leaves(given: Any) -> Iterator[Any]:
    """What the tree holds that holds nothing itself."""
    if isinstance(given, dict):
        given = list(given.values())
    if isinstance(given, list | tuple):
        yield from itertools.chain.from_iterable(map(leaves, given))
    else:
        yield given


def shape(leaf: Any) -> tuple[int, ...]:
    """The shape of an array; () of anything else."""
    return tuple(getattr(leaf, "shape", ()))


def numbers(given: Any) -> int:
    """How many numbers the tree is written with."""
    return sum(math.prod(shape(leaf)) for leaf in leaves(given))


def parts(size: int) -> Iterator[slice]:
    """An axis of that size without its end, or its beginning: by a half of it, down to by one."""
    less = size // 2
    while less:
        yield slice(0, size - less)
        yield slice(less, size)
        less //= 2


def sliced(leaf: Any, size: int, part: slice) -> Any:
    """The part of every axis of that size."""
    return leaf[tuple(part if n == size else slice(None) for n in shape(leaf))]


def to_digits(leaf: Any, digits: int) -> Any:
    """Floating values to so many significant digits."""
    import torch

    values = torch.as_tensor(leaf)
    if not values.dtype.is_floating_point:
        return leaf
    size = values.double().abs().clamp(min=1e-300).log10().floor()
    unit = 10.0 ** (size - digits + 1)
    found = (values.double() / unit).round().mul(unit).nan_to_num(0.0).to(values.dtype)
    found = torch.where(values.isfinite(), found, values)
    return found.numpy() if not isinstance(leaf, torch.Tensor) else found
