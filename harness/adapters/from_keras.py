"""Adapters of Keras 3, on the torch backend: set KERAS_BACKEND=torch before Keras is imported."""

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import keras
import torch
from torch import Tensor

from harness.adapters import schedules, signatures
from harness.adapters.conventions import Conventions
from harness.declaration.not_applicable import NotApplicableError

LAYOUT = "in, out"


def _seed(generator: torch.Generator) -> int:
    if keras.backend.backend() != "torch":
        raise NotApplicableError("Keras must be on the torch backend; set KERAS_BACKEND=torch")
    return int(torch.randint(2**31, (), generator=generator, device=generator.device))


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def dropout(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A layer class that takes (rate, seed, dtype), as keras.layers.Dropout."""

    # To make a layer takes several times as long as to call it: one lives as long as its stream.
    by_stream: WeakKeyDictionary[torch.Generator, dict[Any, Any]] = WeakKeyDictionary()

    def call(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
        rate = conventions.rate_of(p)
        seed, kept = _seed(generator), by_stream.setdefault(generator, {})
        what = rate, h.dtype, h.shape
        if what in kept:
            layer = kept[what]
            layer.seed_generator.state.assign([seed, 0])
        else:
            layer = thing(rate, seed=seed, dtype=_name(h.dtype))
        rank = getattr(layer.input_spec, "ndim", None)
        if rank not in (None, h.dim()):
            raise NotApplicableError(f"this layer is for inputs of {rank} axes")
        result: Tensor = layer(h, training=training)
        if what not in kept and _is_new_once_seeded(layer):
            kept[what] = layer
        return result

    def compiled(backend: str) -> Callable[..., Tensor]:
        raise NotApplicableError("Keras' adapter seeds a layer before each call, and compiles none")

    call.compiled = compiled  # type: ignore[attr-defined]
    return call


def _is_new_once_seeded(layer: Any) -> bool:
    """Whether the layer holds no variable but its seed's."""
    own = getattr(getattr(layer, "seed_generator", None), "state", None)
    return [id(variable) for variable in layer.variables] == [id(own)]


def initializer(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A class that takes a seed, as keras.initializers.GlorotUniform."""

    def draw(
        shape: tuple[int, int], generator: torch.Generator, replicates: int, dtype: torch.dtype
    ) -> Tensor:
        drawn = [thing(seed=_seed(generator))(shape, dtype=_name(dtype)) for _ in range(replicates)]
        return torch.stack([w.detach() for w in drawn])

    return signatures.initializer(draw, conventions)


def elementwise(thing: Any, conventions: Conventions) -> Callable[[Tensor], Tensor]:
    """A function of one tensor, as keras.activations.relu."""
    return lambda x: thing(x)


def optimizer(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A class of keras.optimizers; its weight decay is decoupled and scaled by lr."""

    def step(
        params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
        weight_decay: float = 0.0, decoupled: bool = False, decays: Sequence[bool] | None = None,
    ) -> tuple[list[Tensor], Any]:  # fmt: skip
        conventions.check_decay(decoupled, weight_decay)
        if state is not None:
            raise NotApplicableError("Keras' adapter copies no optimiser state")
        variables = [keras.Variable(w.detach().clone(), dtype=_name(w.dtype)) for w in params]
        flags = [True] * len(variables) if decays is None else decays
        # Keras hands an empty list to its backend where it is told that nothing decays.
        made = thing(learning_rate=lr, weight_decay=(weight_decay or None) if any(flags) else None)
        spared = [v for v, decay in zip(variables, flags, strict=True) if not decay]
        if spared:
            made.exclude_from_weight_decay(var_list=spared)
        made.apply([g.detach().clone() for g in grads], variables)
        return [v.value.detach().clone() for v in variables], made

    return step


def sgd(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """As for optimisers with a state, which is left out."""
    return signatures.without_state(optimizer(thing, conventions))


ADAPTERS: dict[str, signatures.Made] = {
    **dict.fromkeys(signatures.DROPOUTS, dropout),
    **dict.fromkeys(signatures.INITIALIZERS, initializer),
    **dict.fromkeys(signatures.ACTIVATIONS, elementwise),
    "sgd": sgd,
    "adam": optimizer,
    "lr_schedule": schedules.counted,
}
