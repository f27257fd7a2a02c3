"""Faults of checkpoints: what is not in them, what is in them twice, what they share."""

import copy

import torch

from harness.declaration.book import fault
from harness.primitives.checkpoints import resume


def _without(running, fresh, *names):
    """Everything goes on but for the parts of these names, which begin anew."""
    kept = [name for name in running if name not in names]
    resume(
        {name: running[name] for name in (*kept, *({"generator"} - {*kept}))},
        {name: fresh[name] for name in kept},
    )


@fault("resume", breaks="tl-resume")
def forgets_the_optimizer(running, fresh):
    """Only the net is saved: moments begin at 0 (and the schedule sets the rate)."""
    _without(running, fresh, "optimizer")


@fault("resume", breaks="tl-resume")
def forgets_the_schedule(running, fresh):
    """The schedule begins anew, and its next moves come late."""
    _without(running, fresh, "schedule")


@fault("resume", breaks="tl-resume")
def begins_the_data_anew(running, fresh):
    """The epoch begins again: the first examples are seen twice."""
    _without(running, fresh, "batches")


@fault("resume", breaks="tl-resume")
def forgets_the_generator(running, fresh):
    """Noise and dropout go on from another state."""
    _without(running, fresh, "generator")


@fault("resume", breaks="tl-resume")
def forgets_the_buffers(running, fresh):
    """Parameters are saved by name, and running statistics are none."""
    buffers = {name: value.clone() for name, value in fresh["net"].named_buffers()}
    resume(running, fresh)
    with torch.no_grad():
        for name, value in fresh["net"].named_buffers():
            value.copy_(buffers[name])


@fault("resume", breaks="tl-resume")
def saves_weights_in_half_precision(running, fresh):
    """The checkpoint is made small: what comes back is rounded."""
    resume(running, fresh)
    with torch.no_grad():
        for w in fresh["net"].parameters():
            w.copy_(w.half())


@fault("resume", breaks="tl-resume")
def shares_the_moments(running, fresh):
    """state_dict() holds the moments themselves: what is not copied is stepped twice."""
    for name, part in fresh.items():
        if name == "generator":
            part.set_state(running[name].get_state())
        else:
            part.load_state_dict(running[name].state_dict())


@fault("resume", breaks="tl-resume")
def repeats_the_last_batch(running, fresh):
    """The place in the data was saved before the batch that was under way."""
    resume(running, fresh)
    fresh["batches"].done = max(0, fresh["batches"].done - 1)


@fault("resume", breaks="tl-resume")
def skips_to_the_next_epoch(running, fresh):
    """The rest of the epoch is left out."""
    resume(running, fresh)
    fresh["batches"].done = -(-(fresh["batches"].done + 1) // 3) * 3


@fault("resume", breaks="tl-resume")
def forgets_the_count_of_steps(running, fresh):
    """Moments are saved without Adam's count: the bias is corrected a second time."""
    resume(running, fresh)
    for state in fresh["optimizer"].state.values():
        if "step" in state:
            state["step"] = copy.deepcopy(state["step"]) * 0
        else:
            state["momentum_buffer"] = None


@fault("resume", breaks="tl-resume")
def uses_up_a_batch(running, fresh):
    """The iterator is asked for its next batch in order to learn where it is."""
    next(running["batches"])
    resume(running, fresh)


@fault("resume", breaks="tl-resume")
def steps_to_make_a_state(running, fresh):
    """An optimiser that has not begun is stepped on gradients of 0, to have a state to load."""
    if not running["optimizer"].state:
        for w in running["net"].parameters():
            w.grad = torch.zeros_like(w)
        running["optimizer"].step()
    resume(running, fresh)
