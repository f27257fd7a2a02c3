"""What is walked on the emulated device: primitives, training, torch's and Keras' objects."""

import contextlib
import functools
import importlib
import json
import operator
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from harness import devices
from harness.adapters import from_torch
from harness.adapters.adapter import adapter
from harness.blocks.capabilities import KNOWN, Capability, held_to
from harness.primitives import (
    activations,
    attention,
    averages,
    clipping,
    convolutions,
    dropout,
    evaluation,
    initial_nets,
    initialization,
    losses,
    normalization,
    optimizers,
    penalty,
    ranks,
    shared_dropout,
    sixteen_bits,
    trainers,
    training_steps,
)  # fmt: skip
from harness.training.nets import mlp
from harness.training.solver import MLP, Solver, Split
from tests.harness.emulated import DEVICE, Generator, devices_of, emulated, register

Walk = Callable[[Generator], Any]
FANS = (3, 4)
NO_DOUBLE = Capability(DEVICE, no_dtypes=KNOWN["mps"])  # as Apple's devices are


def there(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.ones(shape, dtype=dtype, device=DEVICE)


def labels(*shape: int) -> torch.Tensor:
    return torch.zeros(shape, dtype=torch.long, device=DEVICE)


def drawn(initializer: Callable[..., Any]) -> Callable[[Generator], Any]:
    return lambda generator: initializer(*FANS, generator, 2, device=DEVICE)


def kernels(kernel: Callable[..., Any]) -> Callable[[Generator], Any]:
    return lambda generator: [
        kernel(kind, 4, 8, window, 1, generator, 2, DEVICE)
        for kind, window in (("convolution", (3, 3)), ("heads", (2,)), ("packed", (3,)))
    ]


def on_tensors(function: Callable[..., Any], *shape: int) -> Callable[[Generator], Any]:
    return lambda _: function(there(*(shape or (2, 5, 4))))


def stepped(step: Callable[..., Any], *state: Any, **options: Any) -> Callable[[Generator], Any]:
    """Two parameters and a step of them."""

    def call(_: Generator) -> Any:
        w = [there(2, 5, 4), there(2, 3)]
        return step(w, w, *state, 0.1, **options)

    return call


def masked(layer: Callable[..., Any]) -> Callable[[Generator], Any]:
    return lambda generator: layer(there(4, 5, 6), 0.5, generator)


WALKS: dict[str, Callable[[Generator], Any]] = {
    "dropout": masked(dropout.dropout),
    "channel_dropout": masked(shared_dropout.channel_dropout),
    "path_dropout": masked(shared_dropout.path_dropout),
    "xavier_uniform": drawn(initialization.xavier_uniform),
    "xavier_normal": drawn(initialization.xavier_normal),
    "he_uniform": drawn(initialization.he_uniform),
    "he_normal": drawn(initialization.he_normal),
    "plain_normal": drawn(initialization.plain_normal),
    "he_kernel": kernels(convolutions.he_kernel),
    "xavier_kernel": kernels(convolutions.xavier_kernel),
    "sgd": stepped(optimizers.sgd, weight_decay=0.1, decays=[True, False]),
    "momentum_sgd": stepped(optimizers.momentum_sgd, None, weight_decay=0.1),
    "nesterov_sgd": stepped(optimizers.nesterov_sgd, None, weight_decay=0.1),
    "adam": stepped(optimizers.adam, None, weight_decay=0.1),
    "adamw": stepped(optimizers.adamw, None),
    "clipped_sgd": stepped(clipping.clipped_sgd, max_norm=1.0),
    "clip_gradient_norm": lambda _: clipping.clip_gradient_norm([there(2, 5)], 1.0),
    "l2_penalty": on_tensors(penalty.l2_penalty),
    "relu": on_tensors(activations.relu),
    "sigmoid": on_tensors(activations.sigmoid),
    "tanh": on_tensors(activations.tanh),
    "scaled_sigmoid": on_tensors(activations.scaled_sigmoid),
    "mean_loss": on_tensors(losses.mean_loss),
    "squared_loss": lambda _: losses.squared_loss(there(2, 5), there(2, 5)),
    "mean_over_microbatches": lambda _: losses.mean_over_microbatches([there(2, 5), there(2, 3)]),
    "smoothed_cross_entropy": lambda _: losses.smoothed_cross_entropy(
        there(2, 5, 3), labels(2, 5), 0.1
    ),
    "init_mlp": lambda generator: mlp.init_mlp((3, 4, 2), 2, generator, device=DEVICE),
    "attention": lambda generator: attended(attention.attention, generator),
    "rms_norm": lambda _: normalization.rms_norm(there(2, 4), there(4), 1e-5),
    "layer_norm": lambda _: normalization.layer_norm(there(2, 4), there(4), there(4), 1e-5),
    "batch_norm": lambda _: normalization.batch_norm(there(3, 4), there(4), there(4), None, 1e-5),
    "token_loss": lambda _: losses.token_loss(there(2, 5, 3), labels(2, 5), labels(2) + 3),
    "sixteen_bit_sgd": lambda _: sixteen_bits.sixteen_bit_sgd(
        [there(2, 3, dtype=torch.bfloat16)], [there(2, 3, dtype=torch.bfloat16)], None, 0.1
    ),
    "data_parallel_step": lambda _: ranks.data_parallel_step(
        [[there(2, 3)], [there(2, 3)]], [1, 2]
    ),
    "module_init": lambda generator: initialised(generator),
    "average_weights": lambda _: averaged(averages.average_weights),
    "train_mlp": lambda generator: trained(generator),
    "train_step": lambda _: one_step(),
    "trainer": lambda _: run_of_steps(),
    "evaluate_loss": lambda _: evaluated(),
}


def attended(kernel: Callable[..., Any], generator: Generator) -> Any:
    q = there(2, 2, 5, 4)
    return kernel(q, q, q, causal=True, p=0.5, generator=generator)


def initialised(generator: Generator) -> Any:
    net = nn.ModuleDict({
        "words": nn.Embedding(4, 3, padding_idx=1, device=DEVICE),
        "c_proj": nn.Linear(3, 3, device=DEVICE),
        "norm": nn.LayerNorm(3, device=DEVICE),
    })  # fmt: skip
    initial_nets.module_init(net, 2, generator)
    return list(net.parameters())


def averaged(average: Callable[..., Any]) -> Any:
    w = [there(2, 3, dtype=torch.bfloat16), there(4), labels()]
    return average(w, average(w, None, 0.5)[1], 0.5)[0]


def trained(generator: Generator) -> Any:
    parts = there(6, 4), labels(6)
    solver, orders = Solver(0.1, 2, 4, weight_decay=0.1), np.random.default_rng(0)
    net = MLP((4, 3, 2), dropout_rates=(0.5,))
    return mlp.train_mlp(
        Split(*parts, *parts), net, solver, generator, orders, replicates=2
    ).parameters


def one_step() -> Any:
    net = nn.Linear(4, 3, device=DEVICE)
    stepper = torch.optim.Adam(net.parameters(), 0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(stepper, lambda done: 0.5**done)
    parts = [(there(n, 4), there(n), there(n)) for n in (5, 2)]
    training_steps.train_step(
        net, stepper, schedule, parts, lambda out, y: out.sum(1) - y, max_norm=1.0
    )
    return stepper.state_dict()["state"][0]["exp_avg"], *net.parameters()


def run_of_steps() -> Any:
    net = nn.Linear(4, 3, device=DEVICE)
    trainers.trainer(net, [(there(6, 4), labels(6))] * 2, 0.1, parts=2, ranks=2, resumed=1)
    return list(net.parameters())


def evaluated() -> Any:
    net = nn.Linear(4, 3, device=DEVICE)
    evaluation.evaluate_loss(net, [(there(5, 4), there(5))], lambda out, y: out.sum(1) - y)
    return list(net.parameters())


def steps(role: str, made: Callable[..., Any]) -> Walk:
    """Two steps of an optimiser of torch, the second from a copy of the first one's state."""
    step = adapter(role, made, decay="decoupled" if role == "adamw" else "coupled")

    def call(_: Generator) -> Any:
        w = [there(2, 5, 4), there(2, 3)]
        if role == "sgd":
            return step(w, w, 0.1, weight_decay=0.1, decays=[True, False])
        moved, state = step(w, w, None, 0.1, weight_decay=0.1, decays=[True, False])
        return step(moved, w, state, 0.1, weight_decay=0.1, decays=[True, False])[0]

    return call


def filled(generator: Generator) -> Any:
    return adapter("he_kernel", nn.init.kaiming_normal_)(
        "convolution", 4, 8, (3, 3), 1, generator, 2, DEVICE
    )


def normalised(layer: Callable[..., Any]) -> Any:
    """A batch in training mode, and then one in evaluation mode by what the first left."""
    x, w = there(3, 4), there(4)
    first, running = layer(x, w, w, None, 1e-5)
    return first, running, layer(x, w, w, running, 1e-5, training=False)


def of_keras(role: str, walk: Callable[..., Walk]) -> Callable[[str], Walk]:
    """The walk of the object that Keras has under a name; Keras is imported by who walks it."""

    def named(name: str) -> Walk:
        thing = operator.attrgetter(name)(importlib.import_module("keras"))
        return walk(adapter(role, thing, arrays="keras"))

    return named


SGD, optim = torch.optim.SGD, torch.optim
OF_TORCH: dict[str, Walk] = {
    "nn.Dropout": masked(adapter("dropout", nn.Dropout)),
    "nn.Dropout1d": masked(adapter("channel_dropout", nn.Dropout1d)),
    "nn.ReLU": on_tensors(adapter("relu", nn.ReLU)),
    "SGD": steps("sgd", SGD),
    "SGD with momentum": steps("momentum_sgd", functools.partial(SGD, momentum=0.9)),
    "SGD of Nesterov": steps("nesterov_sgd", functools.partial(SGD, momentum=0.9, nesterov=True)),
    "Adam": steps("adam", optim.Adam),
    "Adam in a loop": steps("adam", functools.partial(optim.Adam, foreach=False)),
    "AdamW": steps("adamw", optim.AdamW),
    "xavier_uniform_": drawn(adapter("xavier_uniform", nn.init.xavier_uniform_)),
    "kaiming_normal_": filled,
    "clip_grad_norm_": lambda _: adapter("clip_gradient_norm", nn.utils.clip_grad_norm_)(
        [there(2, 5)], 1.0
    ),
    "cross_entropy of tokens": lambda _: adapter("token_loss", nn.functional.cross_entropy)(
        there(2, 5, 3), labels(2, 5), labels(2) + 3
    ),
    "scaled_dot_product_attention": lambda generator: attended(
        adapter("attention", nn.functional.scaled_dot_product_attention), generator
    ),
    "nn.LayerNorm": lambda _: adapter("layer_norm", nn.LayerNorm)(
        there(2, 4), there(4), there(4), 1e-5
    ),
    "nn.BatchNorm1d": lambda _: normalised(adapter("batch_norm", nn.BatchNorm1d)),
}
OF_KERAS: dict[str, Callable[[str], Walk]] = {
    "activations.relu": of_keras("relu", on_tensors),
    "layers.Dropout": of_keras("dropout", masked),
    "initializers.GlorotUniform": of_keras("xavier_uniform", drawn),
    "optimizers.SGD": of_keras("sgd", stepped),
    "optimizers.Adam": of_keras("adam", lambda step: stepped(step, None)),
}
MIXED: dict[str, Walk] = {
    "a sum": lambda _: there(4, 5) * torch.ones(4, 5),
    "a draw": lambda generator: torch.rand(4, 5, generator=generator),
    "a sum in doubles": lambda _: there(4, 5).sum(dtype=torch.float64),
    "an optimiser's state": lambda _: optimizers.momentum_sgd(
        [there(3)], [there(3)], [torch.ones(3)], 0.1
    ),
}


@contextlib.contextmanager
def unseeded(generator: torch.Generator) -> Iterator[int]:
    """No number can be read off an emulated device, that of torch's own generator included."""
    yield 0


def said_of(walk: Walk, capability: Capability | None = None) -> Any:
    """The devices of what comes of a walk, or what was raised."""
    try:
        with emulated() as generator, held_to(capability, ()):
            return sorted(devices_of(walk(generator)))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    register()
    from_torch.global_stream = unseeded
    walks = {**WALKS, **OF_TORCH, **MIXED}
    if "KERAS_TORCH_DEVICE" in os.environ:
        walks |= {name: named(name) for name, named in OF_KERAS.items()}
    found = {name: said_of(walk) for name, walk in walks.items()}
    singles = {name: said_of(walk, NO_DOUBLE) for name, walk in walks.items()}
    print(json.dumps({**found, "without doubles": singles, "name": devices.check("emulated")}))
