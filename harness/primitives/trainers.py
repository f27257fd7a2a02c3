"""A whole training function: a net, its batches and a rate in, a trained net and its losses out."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from harness.primitives.training_steps import train_step

IGNORED = -100


def trainer(
    net: nn.Module, batches: Sequence[tuple[Tensor, Tensor]], lr: float, *,
    parts: int = 1, ranks: int = 1, scale: float = 1.0, resumed: int | None = None,
    evaluated: bool = False,
) -> list[float]:  # fmt: skip
    """Train `net` in place, a step for each batch; return the loss of every step, before it.

    A batch is X (n, d) and integer labels y (n,); net(X) are logits (n, k). The loss is the mean
    cross-entropy over the rows whose label is not -100. Any optimiser and any schedule will do:
    what holds for this role is how runs of one and the same trainer relate to one another, so it
    needs no reference and no run that is known to be good (Chen et al. 2018).
    How far two runs may differ is measured on the trainer itself and not derived: 2^-10 of what a
    random relative change of the initial weights by 2^-20 does to a run.
    That parameters move is looked at, how well they learn is not.
    parts: micro-batches that a batch is cut into. ranks: processes among which its rows are dealt,
    as a simulation or for real. scale: the loss is multiplied by it before it is differentiated.
    resumed: after so many steps the run is saved and goes on in new objects around the same net.
    evaluated: between steps the net is evaluated on the batch that comes next.
    None of these changes what is trained, and what you do not take is not asked of you.
    Nothing is drawn from generators. Parameters of another object of the same net are the same
    function of the same numbers. Nothing of a run stays in the net but its numbers.
    """
    optimizer, schedule = _made(net, lr)
    losses = []
    for step, (X, y) in enumerate(batches):
        if step == resumed:
            saved = copy.deepcopy((optimizer.state_dict(), schedule.state_dict()))
            optimizer, schedule = _made(net, lr)
            optimizer.load_state_dict(saved[0])
            schedule.load_state_dict(saved[1])
        if evaluated:
            with torch.no_grad():
                net.eval()(X)
            net.train()
        counted = (y != IGNORED).to(X.dtype)
        dealt = [(X[r::ranks], y[r::ranks], counted[r::ranks]) for r in range(ranks)]
        cut = [
            part
            for share in dealt
            for part in zip(*(one.tensor_split(parts) for one in share), strict=True)
            if len(part[0])
        ]
        losses.append(train_step(net, optimizer, schedule, cut, _each, scale=scale))
    return losses


def _each(logits: Tensor, y: Tensor) -> Tensor:
    return nn.functional.cross_entropy(logits, y, reduction="none", ignore_index=IGNORED)


def _made(
    net: nn.Module, lr: float
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    trained = [w for w in net.parameters() if w.requires_grad]
    optimizer = torch.optim.SGD(trained, lr, momentum=0.9, weight_decay=0.01, foreach=False)
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: 0.8**done)
