"""A small training loop with the parts of a real one, each of which can be replaced by a fault."""

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch._dynamo  # or a process that is forked for a run imports it in its first step: 1.1 s
from torch import Tensor, nn
from torch.optim import swa_utils

from harness.data.fashion_mnist import CLASSES, load_images
from harness.primitives.checkpoints import resume
from harness.primitives.losses import cross_entropy
from harness.primitives.parameter_groups import decay_groups
from harness.primitives.schedules import lr_schedule
from harness.primitives.training_steps import train_step

EXAMPLES, HIDDEN, DROPPED = 1000, 64, 0.2
BATCH, ROWS = 32, 24  # places of a batch, and how many of them hold an example: the rest is padding
PARTS = (16, 11, 5)  # places of the micro-batches of a step
EPOCH = math.ceil(EXAMPLES / ROWS)  # steps, the last of which has fewer rows
STEPS, WARMUP, STOPPED = 3 * EPOCH, 12, 60  # the run stops after so many steps and is resumed
PEAK, FLOOR, DECAY, MOMENTUM, MAX_NORM, SCALE = 0.1, 0.005, 5e-3, 0.9, 1.0, 256.0
AVERAGED = 0.98  # the share of the average of weights that a step keeps
INFINITE_EVERY = 24  # steps, of which one meets a row that is infinite
LOOKED = EPOCH // 3  # steps between two evaluations
QUARTERS = 4  # of a run, of which a curve has a point each
TARGET = 0.7  # an accuracy; `reached` is the epochs until an evaluation finds it
MEAN, DEVIATION = 0.2860, 0.3530  # of the pixels of Fashion-MNIST

Rows = npt.NDArray[np.int64]


class Batches:
    """Numbers of examples in an order that is drawn anew for every epoch."""

    steps = EPOCH

    def __init__(self, seed: int) -> None:
        """Begin the first epoch."""
        self.seed, self.done = seed, 0

    def __next__(self) -> Rows:
        """The examples of the next batch, ROWS of them or the rest of the epoch."""
        epoch, place = divmod(self.done, self.steps)
        self.done += 1
        return self.order(epoch)[place * ROWS : (place + 1) * ROWS]

    def order(self, epoch: int) -> Rows:
        """The order of an epoch."""
        return np.random.default_rng([self.seed, epoch]).permutation(EXAMPLES)

    def state_dict(self) -> dict[str, int]:
        """Which order, and how far."""
        return {"seed": self.seed, "done": self.done}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there."""
        self.seed, self.done = state["seed"], state["done"]


def split(seed: int) -> tuple[Rows, Rows]:
    """The rows of the data that are trained on, and those that are tested on."""
    drawn = np.random.default_rng(seed).permutation(3 * EXAMPLES)
    return drawn[:EXAMPLES], drawn[EXAMPLES : 2 * EXAMPLES]


def class_weights(y: Tensor) -> Tensor:
    """The weight in the loss of each example, by its class."""
    return 0.5 + y / (CLASSES - 1)


def standardized(x: Tensor, training: bool) -> Tensor:
    """The inputs of the net."""
    return (x - MEAN) / DEVIATION


def averaged(net: nn.Module, average: nn.Module) -> nn.Module:
    """The net that is evaluated, in the mode for it."""
    return average.eval()


@dataclass(frozen=True)
class Loop:
    """The parts of the loop; a fault is another one in the place of one of them."""

    train_step: Callable[..., float] = train_step
    lr_schedule: Callable[..., float] = lr_schedule
    decay_groups: Callable[..., Any] = decay_groups
    resume: Callable[..., None] = resume
    batches: type[Batches] = Batches
    split: Callable[[int], tuple[Rows, Rows]] = split
    labels: Callable[[Tensor], Tensor] = lambda y: y
    class_weights: Callable[[Tensor], Tensor] = class_weights
    loss: Callable[[Tensor, Tensor], Tensor] = cross_entropy
    inputs: Callable[[Tensor, bool], Tensor] = standardized
    evaluated: Callable[[nn.Module, nn.Module], nn.Module] = averaged


def trained(
    seed: int,
    loop: Loop = Loop(),  # frozen
    threads: int = 1,
    dtype: torch.dtype = torch.float32,
    reverse: bool = False,
) -> dict[str, Any]:
    """What a log of one run says: curves by quarters of the run, and the evaluation at its end.

    `loss`, of the steps, in nats; `update`, the norm by which a step moved the weights; `rate`;
    `weights`, their norm; `test_loss` and `accuracy`; and `reached`. A perceptron with layer norm
    and dropout is trained by three epochs on 1,000 images of Fashion-MNIST.
    `reverse` turns the order in which inputs and weights of the first layer are summed, and
    nothing else.
    """
    with _surroundings(threads):
        torch.manual_seed(seed)
        train_rows, test_rows = loop.split(seed)
        images = load_images("slice")
        x = torch.from_numpy(np.concatenate([images.train_x, images.test_x])).to(dtype)
        y = torch.from_numpy(np.concatenate([images.train_y, images.test_y]))
        if reverse:
            x = x.flip(1)
        tested = loop.inputs(x[test_rows], False), y[test_rows]
        run = _made(loop, seed, dtype, reverse)
        losses, updates, rates, looks = [], [], [], []
        for at in range(STEPS):
            if at == STOPPED:
                run = _resumed(loop, run, seed, dtype)
            rows = train_rows[next(run["batches"])]
            before = _weights(run["net"])
            rates.append(run["optimizer"].param_groups[0]["lr"])
            found = _step(loop, run, loop.inputs(x[rows], True), loop.labels(y[rows]), at)
            if not _infinite(at):
                losses.append(found)
            after = _weights(run["net"])
            updates.append(float((after - before).norm()))
            if at % LOOKED == LOOKED - 1:
                net = loop.evaluated(run["net"], run["average"])
                looks.append(_evaluated(net, *tested))
        first = next((i for i, (_, right) in enumerate(looks, 1) if right >= TARGET), math.inf)
        return {
            "loss": _quarters(losses),
            "update": _quarters(updates),
            "rate": _quarters(rates),
            "weights": float(after.norm()),
            "test_loss": looks[-1][0],
            "accuracy": looks[-1][1],
            "reached": first * LOOKED / EPOCH,
        }


def two_threads(seed: int) -> dict[str, Any]:
    """A run with two threads."""
    return trained(seed, threads=2)


def _made(loop: Loop, seed: int, dtype: torch.dtype, reverse: bool = False) -> dict[str, Any]:
    first, last = nn.Linear(28 * 28, HIDDEN), nn.Linear(HIDDEN, CLASSES)
    last.bias.requires_grad_(False)
    if reverse:
        first.weight.data = first.weight.data.flip(1)
    net = nn.Sequential(first, nn.LayerNorm(HIDDEN), nn.ReLU(), nn.Dropout(DROPPED), last).to(dtype)
    keep = swa_utils.get_ema_multi_avg_fn(AVERAGED)  # type: ignore[no-untyped-call]
    optimizer = torch.optim.SGD(loop.decay_groups(net, DECAY), lr=PEAK, momentum=MOMENTUM)
    return {
        "net": net,
        "optimizer": optimizer,
        "schedule": _schedule(loop, optimizer),
        "batches": loop.batches(seed),
        "generator": torch.default_generator,  # dropout draws from it
        "average": swa_utils.AveragedModel(net, multi_avg_fn=keep),
    }


def _schedule(
    loop: Loop, optimizer: torch.optim.Optimizer, resumed: int | None = None
) -> torch.optim.lr_scheduler.LambdaLR:
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda t: loop.lr_schedule(t, STEPS, WARMUP, PEAK, FLOOR, resumed) / PEAK
    )


def _resumed(loop: Loop, run: dict[str, Any], seed: int, dtype: torch.dtype) -> dict[str, Any]:
    state = torch.get_rng_state()
    fresh = _made(loop, seed, dtype)
    fresh["schedule"] = _schedule(loop, fresh["optimizer"], STOPPED)
    torch.set_rng_state(state)
    loop.resume(run, fresh)
    return fresh


def _step(loop: Loop, run: dict[str, Any], x: Tensor, y: Tensor, at: int) -> float:
    places = [place for place in range(BATCH) if place % (BATCH // (BATCH - ROWS))][: len(y)]
    X, labels, weight = x.new_zeros(BATCH, x.shape[1]), y.new_zeros(BATCH), x.new_zeros(BATCH)
    X[places], labels[places] = x, y
    weight[places] = loop.class_weights(y).to(x.dtype)
    if _infinite(at):
        X[places[0]] = torch.inf
    columns = (torch.split(one, list(PARTS)) for one in (X, labels, weight))
    found = loop.train_step(
        run["net"], run["optimizer"], run["schedule"], list(zip(*columns, strict=True)), loop.loss,
        max_norm=MAX_NORM, scale=SCALE, skip_nonfinite=True,
    )  # fmt: skip
    run["average"].update_parameters(run["net"])
    return found


def _weights(net: nn.Module) -> Tensor:
    return torch.cat([w.detach().ravel() for w in net.parameters()])


def _infinite(at: int) -> bool:
    return at % INFINITE_EVERY == INFINITE_EVERY - 1


def _evaluated(net: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    with torch.no_grad():
        out = net(x)
    loss = float(nn.functional.cross_entropy(out, y))
    return loss, float((out.argmax(1) == y).double().mean())


def _quarters(values: list[float]) -> list[float]:
    return [float(part.mean()) for part in np.array_split(np.array(values), QUARTERS)]


@contextlib.contextmanager
def _surroundings(threads: int) -> Iterator[None]:
    before = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)
