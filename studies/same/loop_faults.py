"""Forty faults of the loop of `studies.same.loop`, written down before any of them was run.

Eighteen are the kit's faults of `train_step`, one of which is another here: what decays a frozen
parameter finds none in an optimiser that is given groups. The others are the kit's faults of
schedules, groups and checkpoints, and faults that stand in no primitive: of data, labels, modes.
"""

import copy
import importlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from harness.data.fashion_mnist import CLASSES
from harness.primitives.checkpoints import resume
from harness.primitives.training_steps import train_step
from studies.same.loop import EXAMPLES, ROWS, Batches, Loop, Rows, class_weights, split


def _kit(module: str, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(
        importlib.import_module(f"claims.training_loop.faults.{module}"), name
    )
    return found


def never_clips(*given: Any, max_norm: float, **options: Any) -> float:
    """The bound is read and handed to nobody."""
    return train_step(*given, **options)


def sums_the_losses(
    net: nn.Module, optimizer: Any, schedule: Any, parts: Any, loss: Any, **options: Any
) -> float:
    """reduction="sum": the step grows with the batch, and the log is divided again."""
    rows = sum(len(y) for _, y, _ in parts)
    larger = lambda y_hat, y: rows * loss(y_hat, y)  # noqa: E731
    return train_step(net, optimizer, schedule, parts, larger, **options) / rows


def rounds_to_bfloat16(net: nn.Module, *given: Any, **options: Any) -> float:
    """The weights are 16-bit numbers without a copy of more bits."""
    found = train_step(net, *given, **options)
    with torch.no_grad():
        for w in net.parameters():
            w.copy_(w.bfloat16())
    return found


def applies_softmax_twice(y_hat: Tensor, y: Tensor) -> Tensor:
    """The loss is given probabilities, and takes them for logits."""
    return nn.functional.cross_entropy(y_hat.softmax(-1), y, reduction="none")


def reverses_the_class_weights(y: Tensor) -> Tensor:
    """The weights are in the order of another list of classes."""
    return class_weights(CLASSES - 1 - y)


def takes_class_zero_for_padding(y: Tensor) -> Tensor:
    """What is ignored is told by its label, which is a class here."""
    return class_weights(y) * (y != 0)


def shifts_the_labels(y: Tensor) -> Tensor:
    """Labels are taken to begin at 1: the first two classes are one."""
    return (y - 1).clamp(min=0)


class ShufflesOnce(Batches):
    """The order is drawn before the loop over epochs."""

    def order(self, epoch: int) -> Rows:
        """That of the first epoch."""
        return super().order(0)


class DropsTheRest(Batches):
    """drop_last: what does not fill a batch is left out of every epoch."""

    steps = EXAMPLES // ROWS


class ReadsOneShard(Batches):
    """Two processes without a sampler of their own: both read the same half of each batch."""

    def __next__(self) -> Rows:
        """The first half, twice."""
        rows = super().__next__()
        return rows[: len(rows) // 2].repeat(2)


def splits_by_another_seed(seed: int) -> tuple[Rows, Rows]:
    """Training and test draw the split by seeds of their own: a third of the test is trained on."""
    return split(seed)[0], split(seed + 1)[1]


def standardizes_in_training_alone(x: Tensor, training: bool) -> Tensor:
    """The evaluation has transforms of its own, and one of them is missing."""
    return Loop().inputs(x, True) if training else x


def evaluates_in_training_mode(net: nn.Module, average: nn.Module) -> nn.Module:
    """eval() is missing: dropout goes on."""
    return average.train()


def evaluates_the_last_weights(net: nn.Module, average: nn.Module) -> nn.Module:
    """The average is kept and never used."""
    return copy.deepcopy(net).eval()


def never_decays(net: nn.Module, weight_decay: float) -> Any:
    """The groups are made, and the rate of decay stays at the optimiser's default."""
    return [{"params": [w for w in net.parameters() if w.requires_grad]}]


def forgets_the_average(running: dict[str, Any], fresh: dict[str, Any]) -> None:
    """The average of the weights is in no checkpoint, and begins at the fresh ones."""
    left = {name: part for name, part in fresh.items() if name != "average"}
    resume({name: running[name] for name in left}, left)


def _step(name: str) -> Loop:
    return Loop(train_step=_kit("steps", name))


STEPS = (
    "averages_the_means", "adds_the_means", "counts_the_padding", "never_clears_the_gradients",
    "steps_after_every_part", "moves_the_schedule_with_every_part", "moves_the_schedule_first",
    "reports_the_last_part", "stays_in_evaluation", "clips_every_part", "clips_before_unscaling",
    "clips_each_parameter", "forgets_to_unscale", "steps_with_a_gradient_of_zeros",
    "moves_the_schedule_alone", "looks_at_the_last_part_alone",
    "keeps_the_gradient_of_a_skipped_step",
)  # fmt: skip
FAULTS: dict[str, Loop] = {
    **{name: _step(name) for name in STEPS},
    "never_clips": Loop(train_step=never_clips),
    "sums_the_losses": Loop(train_step=sums_the_losses),
    "rounds_to_bfloat16": Loop(train_step=rounds_to_bfloat16),
    **{
        name: Loop(lr_schedule=_kit("schedules", name))
        for name in (
            "steps_once_for_every_process", "swaps_the_arguments_of_the_cosine", "warms_up_again",
        )
    },
    **{
        name: Loop(decay_groups=_kit("decay_groups", name))
        for name in ("decays_everything", "thaws_what_is_frozen")
    },
    "never_decays": Loop(decay_groups=never_decays),
    **{
        name: Loop(resume=_kit("resuming", name))
        for name in ("forgets_the_optimizer", "begins_the_data_anew")
    },
    "forgets_the_average": Loop(resume=forgets_the_average),
    "applies_softmax_twice": Loop(loss=applies_softmax_twice),
    "reverses_the_class_weights": Loop(class_weights=reverses_the_class_weights),
    "takes_class_zero_for_padding": Loop(class_weights=takes_class_zero_for_padding),
    "shifts_the_labels": Loop(labels=shifts_the_labels),
    "shuffles_once": Loop(batches=ShufflesOnce),
    "drops_the_rest": Loop(batches=DropsTheRest),
    "reads_one_shard": Loop(batches=ReadsOneShard),
    "splits_by_another_seed": Loop(split=splits_by_another_seed),
    "standardizes_in_training_alone": Loop(inputs=standardizes_in_training_alone),
    "evaluates_in_training_mode": Loop(evaluated=evaluates_in_training_mode),
    "evaluates_the_last_weights": Loop(evaluated=evaluates_the_last_weights),
}  # fmt: skip
