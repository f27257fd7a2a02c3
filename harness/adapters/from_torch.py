"""Adapters of torch: modules, functions, in-place initialisers and optimisers.

Torch's own objects draw from the global generator: it is seeded from the role's generator for the
length of one call and then put back as it was.
"""

import contextlib
import copy
import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from harness.adapters import attention as attending
from harness.adapters import averages, loops, losses, normalization, ranks, schedules, signatures
from harness.adapters.conventions import Conventions
from harness.declaration.not_applicable import NotApplicableError
from harness.primitives.convolutions import fans

LAYOUT = "out, in"


@contextlib.contextmanager
def global_stream(generator: torch.Generator) -> Iterator[int]:
    """Seed torch's global generator from the given one, and put it back afterwards."""
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    device = generator.device
    if device.type != "cpu":
        with torch.random.fork_rng(devices=[device], device_type=device.type):
            torch.manual_seed(seed)
            yield seed
        return
    shared = torch.default_generator
    before = shared.get_state()
    shared.manual_seed(seed)
    try:
        yield seed
    finally:
        shared.set_state(before)


def dropout(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A module class that takes the rate, an instance with `p`, or a function (h, p, training).

    `compiled(backend)` of what comes back has the object behind torch.compile.
    """
    made = _dropout(thing, conventions)

    def compiled(backend: str) -> Callable[..., Tensor]:
        return _dropout(thing, conventions, functools.partial(torch.compile, backend=backend))

    made.compiled = compiled  # type: ignore[attr-defined]
    return made


def _dropout(
    thing: Any, conventions: Conventions, compiled: Callable[[Any], Any] | None = None
) -> Callable[..., Tensor]:
    def module_of(rate: float) -> Any:
        made: Any = thing
        if inspect.isclass(thing):
            made = made(rate)
        elif hasattr(thing, "p"):
            made = copy.deepcopy(thing)
            made.p = rate
        else:
            raise NotApplicableError(f"{type(thing).__name__} has no rate p to set")
        return made if compiled is None else compiled(made)

    # A module lives through both modes, as a user's does, and as long as its stream: what it
    # remembers reaches no other block, so that the order of claims is nothing to any of them.
    # Compiled ones are too dear for that.
    of_all = functools.lru_cache(maxsize=64)(module_of)
    by_stream: WeakKeyDictionary[torch.Generator, dict[float, Any]] = WeakKeyDictionary()

    def living(generator: torch.Generator, rate: float) -> Any:
        if compiled is not None:
            return of_all(rate)
        modules = by_stream.setdefault(generator, {})
        if rate not in modules:
            modules[rate] = module_of(rate)
        return modules[rate]

    is_module = inspect.isclass(thing) or isinstance(thing, torch.nn.Module)
    function = thing if compiled is None or is_module else compiled(thing)

    def call(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
        rate = conventions.rate_of(p)
        with global_stream(generator):
            result: Tensor = (
                living(generator, rate).train(training)(h)
                if is_module
                else function(h, rate, training)
            )
            return result

    return call


def initializer(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A function that fills a matrix in place, as torch.nn.init's do."""

    def draw(
        shape: tuple[int, int], generator: torch.Generator, replicates: int, dtype: torch.dtype
    ) -> Tensor:
        weights = torch.empty((replicates, *shape), dtype=dtype, device=generator.device)
        with global_stream(generator):
            for w in weights:
                thing(w)
        return weights

    return signatures.initializer(draw, conventions)


def elementwise(thing: Any, conventions: Conventions) -> Callable[[Tensor], Tensor]:
    """A function of one tensor, or a module class without arguments."""
    made: Any = thing() if inspect.isclass(thing) else thing
    return lambda x: made(x)


def optimizer(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A class of torch.optim, or a partial of one with `params` and `lr` still open."""

    def step(
        params: Sequence[Tensor], grads: Sequence[Tensor], state: Any, lr: float,
        weight_decay: float = 0.0, decoupled: bool = False, decays: Sequence[bool] | None = None,
        **options: Any,
    ) -> tuple[list[Tensor], Any]:  # fmt: skip
        conventions.check_decay(decoupled, weight_decay)
        if state is None:
            copies = [w.detach().clone() for w in params]
            flags = [True] * len(copies) if decays is None else list(decays)
            # One group for each rate, as users have them: what loops over a group's tensors shows.
            rates = [weight_decay if decay else 0.0 for decay in flags]
            groups = [
                {
                    "params": [w for w, of in zip(copies, rates, strict=True) if of == rate],
                    "weight_decay": rate,
                }
                for rate in dict.fromkeys(rates)
            ]
            made = (copies, thing(groups, lr=lr, **options))
        else:
            made = _copied(*state)
        copies, stepper = made
        for group in stepper.param_groups:
            group["lr"] = lr
        with torch.no_grad():
            for mine, w, g in zip(copies, params, grads, strict=True):
                mine.copy_(w)
                mine.grad = g.detach().clone()
        stepper.step()
        return [w.detach().clone() for w in copies], made

    return step


def _copied(params: list[Tensor], stepper: Any) -> tuple[list[Tensor], Any]:
    """Parameters and optimiser together, so that the copy steps its own copies.

    torch's own pickling of an optimiser leaves out attributes that a class of its own has.
    """
    made = object.__new__(type(stepper))
    memo: dict[int, Any] = {id(stepper): made}
    copies = copy.deepcopy(params, memo)
    made.__dict__.update(copy.deepcopy(stepper.__dict__, memo))
    return copies, made


def sgd(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """As for optimisers with a state, which is left out."""
    return signatures.without_state(optimizer(thing, conventions))


def adamw(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A class of torch.optim whose decay is decoupled."""
    decoupled = replace(conventions, decay="decoupled")
    return signatures.adamw(optimizer(thing, decoupled))


def kernel(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A function that fills a kernel in place, as torch.nn.init's do.

    The kernels are those of torch's layers; of attention it knows the packed projection only.
    """

    def call(
        kind: str, inputs: int, outputs: int, window: Sequence[int], groups: int,
        generator: torch.Generator, replicates: int = 1, device: str | torch.device = "cpu",
    ) -> Tensor:  # fmt: skip
        if kind == "heads":
            raise NotApplicableError("no layer of torch has a kernel of (inputs, heads, outputs)")
        shape, _, _ = fans(kind, inputs, outputs, window, groups)
        kernels = torch.empty((replicates, *shape), device=device)
        with global_stream(generator):
            for w in kernels:
                thing(w)
        return kernels

    return call


def smoothed_cross_entropy(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A function (logits (n, k), y (n,), label_smoothing=, ignore_index=) of the mean loss."""

    def call(logits: Tensor, y: Tensor, smoothing: float = 0.0, ignored: int = -100) -> Tensor:
        losses = [
            thing(one, labels, label_smoothing=smoothing, ignore_index=ignored)
            for one, labels in zip(logits, y, strict=True)
        ]
        return torch.stack(losses)

    return call


def clip_gradient_norm(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A function (parameters, max_norm) that clips gradients in place, as clip_grad_norm_."""

    def call(grads: Sequence[Tensor], max_norm: float) -> tuple[list[Tensor], Tensor]:
        clipped, norms = [g.detach().clone() for g in grads], []
        for r in range(grads[0].shape[0]):
            params = [torch.zeros_like(g[r], requires_grad=True) for g in clipped]
            for w, g in zip(params, clipped, strict=True):
                w.grad = g[r]  # a view: what is clipped in place is clipped in `clipped`
            norms.append(thing(params, max_norm))
        return clipped, torch.stack(norms)

    return call


def attention(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A kernel as F.scaled_dot_product_attention, or a class as nn.MultiheadAttention."""
    return attending.of_torch(thing, global_stream)


def module_init(thing: Any, conventions: Conventions) -> Callable[..., None]:
    """A function (net, layers) that initialises in place, from torch's global generator."""

    def call(net: torch.nn.Module, layers: int, generator: torch.Generator) -> None:
        with global_stream(generator):
            thing(net, layers)

    return call


def permutation(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A function (n, generator=) of a random order, as torch.randperm."""
    return lambda n, rng: thing(n, generator=_generator_from(rng)).numpy()


def minibatches(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A loader class (data, batch_size=, shuffle=, generator=), as DataLoader."""

    def call(n: int, batch_size: int, rng: Any) -> list[Any]:
        loader = thing(
            range(n), batch_size=batch_size, shuffle=True, generator=_generator_from(rng)
        )
        return [batch.numpy() for batch in loader]

    return call


def distributed_sampler(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A class (data, num_replicas=, rank=, shuffle=, seed=, drop_last=), as DistributedSampler.

    It has set_epoch(epoch), and has been through another epoch before, as in a run.
    """

    def call(
        n: int, rank: int, ranks: int, epoch: int, seed: int = 0, shuffle: bool = True,
        drop_last: bool = False,
    ) -> list[int]:  # fmt: skip
        sampler = thing(
            range(n), num_replicas=ranks, rank=rank, shuffle=shuffle, seed=seed, drop_last=drop_last
        )
        read: list[int] = []
        for each in (epoch + 1, epoch):
            sampler.set_epoch(each)
            read = list(sampler)
        return read

    return call


def _generator_from(rng: Any) -> torch.Generator:
    """A torch generator that the numpy one determines; that one moves on."""
    return torch.Generator().manual_seed(int(rng.integers(2**62)))


ADAPTERS: dict[str, signatures.Made] = {
    **dict.fromkeys(signatures.DROPOUTS, dropout),
    **dict.fromkeys(("he_kernel", "xavier_kernel"), kernel),
    "clip_gradient_norm": clip_gradient_norm, "permutation": permutation,
    "minibatches": minibatches, "smoothed_cross_entropy": smoothed_cross_entropy,
    **dict.fromkeys(signatures.INITIALIZERS, initializer),
    **dict.fromkeys((*signatures.ACTIVATIONS, "l2_penalty", "mean_loss"), elementwise), "sgd": sgd,
    **dict.fromkeys(("momentum_sgd", "nesterov_sgd", "adam"), optimizer), "adamw": adamw,
    "lr_schedule": schedules.stepped,
    "token_loss": losses.token_loss,
    "attention": attention,
    "rms_norm": normalization.rms_norm,
    "layer_norm": normalization.layer_norm,
    "batch_norm": normalization.batch_norm,
    "trainer": loops.trainer,
    "module_init": module_init,
    "data_parallel_step": ranks.of_gloo,
    "average_weights": averages.beside_a_net,
    "distributed_sampler": distributed_sampler,
}  # fmt: skip
