"""A GPU that is not there: tensors of `cuda:0` without data, on a torch that has no CUDA.

torch's FakeTensorMode knows device, dtype and shape of every result, and raises where devices mix.
Generators of a device that is not there cannot be made, so that a stand-in says where it would be;
what is drawn from one must be on its device.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

DEVICE = torch.device("cuda:0")


class Generator(torch.Generator):
    """A generator that says it is on the emulated device."""

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        """Where the numbers are drawn."""
        return DEVICE


class _Draws(TorchFunctionMode):
    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        options = kwargs or {}
        result = function(*args, **options)
        generator = options.get("generator")
        if generator is None or not isinstance(result, torch.Tensor):
            return result
        if result.device != generator.device:
            raise RuntimeError(
                f"{function.__name__} draws for {result.device} from a generator on "
                f"{generator.device}"
            )
        return result


@contextlib.contextmanager
def emulated() -> Iterator[Generator]:
    """The emulated device, and a generator on it."""
    with FakeTensorMode(), _Draws():
        yield Generator()


def devices_of(result: Any) -> set[torch.device]:
    """The devices of all tensors in the result."""
    return {leaf.device for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)}
