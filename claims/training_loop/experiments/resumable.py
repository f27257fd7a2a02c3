"""A small run with everything in it that a resumed one must find again."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.blocks.streams import Stream
from harness.metrics.arrays import Array
from harness.metrics.gradient_steps import normal, wide

EXAMPLES, BATCH, WIDTH = 6, 2, 3


class Batches:
    """Rows of the data in an order that is drawn anew for every epoch."""

    def __init__(self, stream: Stream) -> None:
        """The first epoch's order comes from the stream."""
        self.seed = int(stream.numpy().integers(2**31))
        self.done = 0

    def __next__(self) -> Any:
        """The rows of the next batch."""
        epoch, place = divmod(self.done, EXAMPLES // BATCH)
        order = np.random.Generator(np.random.PCG64([self.seed, epoch])).permutation(EXAMPLES)
        self.done += 1
        return order[place * BATCH : (place + 1) * BATCH]

    def state_dict(self) -> dict[str, int]:
        """Which order, and how far."""
        return {"seed": self.seed, "done": self.done}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Go on from there."""
        self.seed, self.done = state["seed"], state["done"]


def run_of(kind: str, dtype: str, stream: Stream, device: str) -> dict[str, Any]:
    """A net with batch norm and noise, its optimiser, its schedule, its data, its generator."""
    import torch
    from torch import nn

    number = getattr(torch, dtype)
    net = nn.Sequential(
        nn.utils.skip_init(nn.Linear, WIDTH, WIDTH, dtype=number, device=device),
        nn.BatchNorm1d(WIDTH, dtype=number, device=device),
    )
    with torch.no_grad():
        for name, w in net.named_parameters():
            w.copy_(normal(stream.child(name), w.shape, dtype, device))
    optimizer: Any = (
        torch.optim.SGD(net.parameters(), 0.1, momentum=0.9, foreach=False)
        if kind == "momentum"
        else torch.optim.AdamW(net.parameters(), 0.1, foreach=False)
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: 0.5**done)
    return {
        "net": net, "optimizer": optimizer, "schedule": schedule,
        "batches": Batches(stream.child("batches")),
        "generator": stream.child("noise").torch(device),
    }  # fmt: skip


def step(run: dict[str, Any], data: Any) -> list[Array]:
    """One step on the next batch; the batch, the rate, and all of the net after it."""
    import torch

    rows = next(run["batches"])
    noise = torch.rand((BATCH, WIDTH), generator=run["generator"], device=data.device)
    run["optimizer"].zero_grad()
    out = run["net"](data[rows] + noise.to(data.dtype))
    torch.autograd.backward((out - data[rows]).square().mean() + out.mean())
    rate = run["optimizer"].param_groups[0]["lr"]
    run["optimizer"].step()
    run["schedule"].step()
    return [rows, np.array([rate]), *(wide(value) for value in run["net"].state_dict().values())]
