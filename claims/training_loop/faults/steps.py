"""Faults of one step of training, as loops had them: re-written from what was wrong."""

import math

import torch

from harness.declaration.book import fault
from harness.primitives.training_steps import train_step


@fault("train_step", breaks="tl-step")
def averages_the_means(net, optimizer, schedule, microbatches, loss, **options):
    """L01: every part weighs the same, whatever it holds (transformers, October 2024)."""
    parts = [(X, y, a / a.sum().clamp(min=1e-9)) for X, y, a in microbatches]
    return train_step(net, optimizer, schedule, parts, loss, **options)


@fault("train_step", breaks="tl-step")
def adds_the_means(net, optimizer, schedule, microbatches, loss, **options):
    """L03: the loss is not divided by the number of parts, and the step grows with it."""
    return _accumulated(net, optimizer, schedule, microbatches, loss, parts=1, **options)


@fault("train_step", breaks="tl-step")
def counts_the_padding(net, optimizer, schedule, microbatches, loss, **options):
    """L05: the denominator counts every row, the numerator those that have a weight."""
    rows = sum(len(y) for _, y, _ in microbatches)
    counted = sum(float(a.sum()) for _, _, a in microbatches)
    scaled = lambda y_hat, y: loss(y_hat, y) * counted / rows  # noqa: E731
    return train_step(net, optimizer, schedule, microbatches, scaled, **options)


@fault("train_step", breaks="tl-step")
def never_clears_the_gradients(net, optimizer, schedule, microbatches, loss, **options):
    """zero_grad() is missing: the gradients of all earlier steps are in each."""
    clear, optimizer.zero_grad = optimizer.zero_grad, lambda set_to_none=True: None
    try:
        return train_step(net, optimizer, schedule, microbatches, loss, **options)
    finally:
        optimizer.zero_grad = clear


@fault("train_step", breaks="tl-step")
def steps_after_every_part(net, optimizer, schedule, microbatches, loss, **options):
    """The update stands inside the loop over parts."""
    held = [part for part in microbatches if float(part[2].sum())]
    losses = [train_step(net, optimizer, _Still(), [part], loss, **options) for part in held]
    schedule.step()
    return sum(losses) / len(losses)


@fault("train_step", breaks="tl-step")
def moves_the_schedule_with_every_part(net, optimizer, schedule, microbatches, loss, **options):
    """The schedule counts micro-batches: warm-up and decay end too early."""
    found = train_step(net, optimizer, schedule, microbatches, loss, **options)
    for _ in (*microbatches[1:], None):
        schedule.step()
    return found


@fault("train_step", breaks="tl-step")
def moves_the_schedule_first(net, optimizer, schedule, microbatches, loss, **options):
    """schedule.step() before optimizer.step(): the first rate is never used."""
    schedule._step_count = 2  # or torch would warn
    schedule.step()
    return train_step(net, optimizer, _Still(), microbatches, loss, **options)


@fault("train_step", breaks="tl-step")
def reports_the_last_part(net, optimizer, schedule, microbatches, loss, **options):
    """The logged loss is the last micro-batch's."""
    with torch.no_grad():
        X, y, _ = microbatches[-1]
        last = float(loss(net(X), y).mean())
    train_step(net, optimizer, schedule, microbatches, loss, **options)
    return last


@fault("train_step", breaks="tl-step")
def stays_in_evaluation(net, optimizer, schedule, microbatches, loss, **options):
    """E01: a look at the loss in evaluation mode, after which nobody calls train()."""
    found = train_step(net, optimizer, schedule, microbatches, loss, **options)
    net.eval()
    return found


@fault("train_step", breaks="tl-step")
def thaws_what_is_frozen(net, optimizer, schedule, microbatches, loss, **options):
    """A gradient that is None is taken for one of zeros, and decays its parameter."""
    found = train_step(net, optimizer, schedule, microbatches, loss, **options)
    with torch.no_grad():
        for w in optimizer.param_groups[1]["params"]:
            w.mul_(1 - 1e-3)
    return found


@fault("train_step", breaks="tl-step.clipped")
def clips_every_part(net, optimizer, schedule, microbatches, loss, max_norm=math.inf, **options):
    """The clip stands inside the loop over parts: what is stepped with may be longer."""
    return _accumulated(
        net, optimizer, schedule, microbatches, loss,
        parts=len(microbatches), max_norm=max_norm, **options,
    )  # fmt: skip


@fault("train_step", breaks="tl-step.clipped")
def clips_before_unscaling(
    net, optimizer, schedule, microbatches, loss, max_norm=math.inf, scale=1.0, **options
):
    """The bound is held against the scaled gradient: scaler.unscale_() is missing."""
    return train_step(
        net, optimizer, schedule, microbatches, loss, max_norm=max_norm / scale, **options
    )


@fault("train_step", breaks="tl-step.clipped")
def clips_each_parameter(
    net, optimizer, schedule, microbatches, loss, max_norm=math.inf, **options
):
    """L07: every parameter is clipped by its own norm."""

    def clip(*_):
        for w in net.parameters():
            if w.grad is not None:
                torch.nn.utils.clip_grad_norm_([w], max_norm)

    hook = optimizer.register_step_pre_hook(clip)
    found = train_step(net, optimizer, schedule, microbatches, loss, **options)
    hook.remove()
    return found


@fault("train_step", breaks="tl-step.clipped")
def forgets_to_unscale(net, optimizer, schedule, microbatches, loss, scale=1.0, **options):
    """The update is made with the gradient of the scaled loss."""
    larger = lambda y_hat, y: scale * loss(y_hat, y)  # noqa: E731
    return train_step(net, optimizer, schedule, microbatches, larger, **options) / scale


@fault("train_step", breaks="tl-step.skipped")
def steps_with_a_gradient_of_zeros(net, optimizer, schedule, microbatches, loss, **options):
    """What is not finite is set to 0, and the optimiser moves on by its velocity."""

    def mend(*_):
        for w in net.parameters():
            if w.grad is not None:
                w.grad.nan_to_num_(0.0, 0.0, 0.0)

    hook = optimizer.register_step_pre_hook(mend)
    options.pop("skip_nonfinite", None)
    found = train_step(net, optimizer, schedule, microbatches, loss, **options)
    hook.remove()
    return found


@fault("train_step", breaks="tl-step.skipped")
def moves_the_schedule_alone(net, optimizer, schedule, microbatches, loss, **options):
    """The step is skipped and the schedule is not (the pattern that torch's scaler invites)."""
    found = train_step(net, optimizer, _Still(), microbatches, loss, **options)
    schedule.step()
    return found


@fault("train_step", breaks="tl-step.skipped")
def looks_at_the_last_part_alone(net, optimizer, schedule, microbatches, loss, **options):
    """Only the last micro-batch's loss is looked at before the update."""
    options.pop("skip_nonfinite", None)
    with torch.no_grad():
        X, y, _ = microbatches[-1]
        if not bool(loss(net(X), y).isfinite().all()):
            return math.inf
    return train_step(net, optimizer, schedule, microbatches, loss, **options)


@fault("train_step", breaks="tl-step.skipped")
def keeps_the_gradient_of_a_skipped_step(
    net, optimizer, schedule, microbatches, loss, max_norm=math.inf, **options
):
    """Gradients are cleared after an update only: a skipped one stays in all that follow."""
    total = sum(float(weight.sum()) for _, _, weight in microbatches)
    mean = 0.0
    for X, y, weight in microbatches:
        part = (weight * loss(net(X), y)).sum() / total
        part.backward()
        mean += float(part.detach())
    params = [w for w in net.parameters() if w.grad is not None]
    norm = torch.nn.utils.clip_grad_norm_(params, max_norm)
    if bool(norm.isfinite()):
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return mean


class _Still:
    """A schedule that somebody else moves."""

    def step(self):
        pass


def _accumulated(net, optimizer, schedule, microbatches, loss, parts, max_norm=math.inf, **_):
    """The means of all parts, each over `parts` and clipped, added up before one update."""
    optimizer.zero_grad()
    used, mean = [w for w in net.parameters() if w.requires_grad], 0.0
    for X, y, weight in microbatches:
        part = (weight * loss(net(X), y)).sum() / weight.sum().clamp(min=1e-9) / parts
        mean += float(part.detach())
        grads = torch.autograd.grad(part, used, allow_unused=True)
        held = [(w, g) for w, g in zip(used, grads, strict=True) if g is not None]
        norm = torch.stack([g.norm() for _, g in held]).norm()
        for w, g in held:
            g = g * (max_norm / norm).clamp(max=1.0)
            w.grad = g if w.grad is None else w.grad + g
    optimizer.step()
    schedule.step()
    return mean


@fault("train_step", breaks="tl-step")
def fills_in_gradients_of_zeros(net, optimizer, schedule, microbatches, loss, **options):
    """What no output reads gets a gradient of zeros, and the decay moves it."""
    trained = [w for w in net.parameters() if w.requires_grad]
    hook = optimizer.register_step_pre_hook(lambda *_: _fill(trained))
    found = train_step(net, optimizer, schedule, microbatches, loss, **options)
    hook.remove()
    return found


def _fill(parameters):
    for w in parameters:
        if w.grad is None:
            w.grad = torch.zeros_like(w)


@fault("train_step", breaks="tl-step.skipped")
def looks_at_the_loss_for_the_gradient(
    net, optimizer, schedule, microbatches, loss, skip_nonfinite=False, **options
):
    """A step is skipped where the loss is not finite, and a slope without end passes."""
    skip = skip_nonfinite and not all(
        bool(loss(net(X), y)[a > 0].isfinite().all()) for X, y, a in microbatches
    )
    return train_step(net, optimizer, schedule, microbatches, loss, skip_nonfinite=skip, **options)
