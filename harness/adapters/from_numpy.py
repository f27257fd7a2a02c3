"""Adapters of NumPy: functions of arrays that draw from a numpy Generator.

They have no gradients and no bfloat16: claims that need either are not applicable.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.adapters import signatures
from harness.adapters.conventions import Conventions
from harness.declaration.not_applicable import NotApplicableError

LAYOUT = "in, out"


class _WithoutGradient(torch.autograd.Function):
    """The given result, whose gradient nobody can ask for."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, result: Tensor) -> Tensor:
        return result.clone()

    @staticmethod
    def backward(ctx: Any, *_: Tensor) -> Any:
        raise NotApplicableError("a NumPy function has no gradient")


def generator_from(generator: torch.Generator) -> np.random.Generator:
    """A numpy Generator whose stream the torch generator determines; that one moves on."""
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    return np.random.Generator(np.random.SFC64(seed))


def array_of(x: Tensor) -> npt.NDArray[Any]:
    """The tensor's memory as an array."""
    if x.dtype == torch.bfloat16:
        raise NotApplicableError("NumPy has no bfloat16")
    if x.device.type != "cpu":
        raise NotApplicableError("NumPy is on the cpu alone")
    array: npt.NDArray[Any] = x.detach().numpy()
    return array


def tensor_of(result: Any, x: Tensor) -> Tensor:
    """The array as a tensor; the input itself where the function gave it back."""
    tensor = torch.from_numpy(np.asarray(result))
    if not x.requires_grad:
        return x if tensor.data_ptr() == x.data_ptr() and tensor.shape == x.shape else tensor
    wrapped: Tensor = _WithoutGradient.apply(x, tensor)  # type: ignore[no-untyped-call]
    return wrapped


def dropout(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A function (h, p, rng), or (h, p, rng, training)."""
    has_mode = "training" in inspect.signature(thing).parameters

    def call(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
        if not training and not has_mode:
            raise NotApplicableError("it has no evaluation mode (no argument 'training')")
        rate = conventions.rate_of(p)
        mode = {"training": training} if has_mode else {}
        return tensor_of(thing(array_of(h), rate, generator_from(generator), **mode), h)

    return call


def initializer(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A function (fan_in, fan_out, rng) of float64 weights in the declared layout."""

    def draw(
        shape: tuple[int, int], generator: torch.Generator, replicates: int, dtype: torch.dtype
    ) -> Tensor:
        fan_in, fan_out = shape if conventions.layout == "in, out" else shape[::-1]
        rng = generator_from(generator)
        weights = np.stack([thing(fan_in, fan_out, rng) for _ in range(replicates)])
        return torch.from_numpy(weights).to(dtype)

    return signatures.initializer(draw, conventions)


def elementwise(thing: Any, conventions: Conventions) -> Callable[[Tensor], Tensor]:
    """A function of one array."""
    return lambda x: tensor_of(thing(array_of(x)), x)


def sgd(thing: Any, conventions: Conventions) -> Callable[..., list[Tensor]]:
    """A function (w, g, lr, weight_decay) of one parameter's arrays that returns the new array."""

    def call(
        params: Sequence[Tensor], grads: Sequence[Tensor], lr: float, weight_decay: float = 0.0,
        decoupled: bool = False, decays: Sequence[bool] | None = None,
    ) -> list[Tensor]:  # fmt: skip
        conventions.check_decay(decoupled, weight_decay)
        flags = [True] * len(params) if decays is None else decays
        return [
            tensor_of(thing(array_of(w), array_of(g), lr, weight_decay if decay else 0.0), w)
            for w, g, decay in zip(params, grads, flags, strict=True)
        ]

    return call


def as_it_is(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A role whose protocol is NumPy's already."""
    return lambda *arguments, **options: thing(*arguments, **options)


ADAPTERS: dict[str, signatures.Made] = {
    **dict.fromkeys(signatures.DROPOUTS, dropout),
    **dict.fromkeys(signatures.INITIALIZERS, initializer),
    **dict.fromkeys((*signatures.ACTIVATIONS, "l2_penalty", "mean_loss"), elementwise),
    "sgd": sgd,
    **dict.fromkeys(
        (
            "polynomial_features",
            "minibatches",
            "permutation",
            "k_fold",
            "stratified_k_fold",
            "gaussian_noise",
            "split_uniforms",
            "folded_uniforms",
        ),
        as_it_is,
    ),
}
