"""A run of training that stops, is saved, and goes on in another process."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import torch


def resume(running: Mapping[str, Any], fresh: Mapping[str, Any]) -> None:
    """Save the run `running` and load it into `fresh`, which then goes on as `running` would.

    Both have "net" (a module), "optimizer", "schedule", "batches" (an iterator over the data) and
    "generator" (a torch.Generator). All but the generator have state_dict() and load_state_dict(),
    the generator get_state() and set_state(). `fresh` is made with the same arguments and other
    random numbers. From then on both give the same batches, rates, parameters and buffers, bit for
    bit, in any order in which the two are stepped: they share no memory, and `running` stays as
    it is. The run may not have begun: its optimiser then has no state.
    The reference goes through bytes, as a file would.
    """
    blob = io.BytesIO()
    saved = {name: part.state_dict() for name, part in running.items() if name != "generator"}
    torch.save({**saved, "generator": running["generator"].get_state()}, blob)
    blob.seek(0)
    loaded = torch.load(blob, weights_only=True)
    for name, part in fresh.items():
        if name == "generator":
            part.set_state(loaded[name])
        else:
            part.load_state_dict(loaded[name])
