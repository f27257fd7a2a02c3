"""A device that is not there: tensors without data, of a device registered with torch by its name.

torch's FakeTensorMode knows device, dtype and shape of every result, and raises where devices mix.
Generators of a device that is not there cannot be made, so that a stand-in says where it would be;
what is drawn from one must be on its device. A number that is read off a tensor is 1, and numbers
that a tensor there is made from are lost.
The registration lasts as long as the process, which has to be one of its own.
"""

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils import backend_registration
from torch.utils._pytree import tree_leaves

DEVICE = "emulated:0"


def register() -> None:
    """Make the device known to torch: its name, its streams, what autograd asks of it."""
    backend_registration._setup_privateuseone_for_python_backend("emulated")


class Generator(torch.Generator):
    """A generator that says it is on the emulated device, whatever it is asked for."""

    def __new__(cls, device: Any = None) -> "Generator":
        return super().__new__(cls)

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        """Where the numbers are drawn."""
        return torch.device(DEVICE)


class _Tensors(FakeTensorMode):  # type: ignore[no-untyped-call]
    def __deepcopy__(self, memo: dict[int, Any]) -> "_Tensors":
        return self

    def dispatch(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten._local_scalar_dense.default:
            return 1.0 if args[0].dtype.is_floating_point else 1
        return super().dispatch(func, types, args, kwargs)


class _Draws(TorchFunctionMode):
    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        options = kwargs or {}
        if function is torch.Tensor.__deepcopy__:
            tensor, memo = args
            return memo.setdefault(id(tensor), tensor.detach().clone())
        if function is torch.Tensor.numpy and args[0].device.type == "cpu":
            return np.ones(args[0].shape)
        if function in (torch.tensor, torch.as_tensor) and options.get("device") is not None:
            here = function(*args, **options | {"device": "cpu"})
            return torch.empty(here.shape, dtype=here.dtype, device=options["device"])
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
    with _Tensors(), _Draws(), mock.patch.object(torch, "Generator", Generator):
        yield Generator()


def devices_of(result: Any) -> set[str]:
    """The devices of all tensors in the result."""
    return {str(leaf.device) for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)}
