"""Faults of whole trainers, of kinds that shipped; each breaks a relation between two runs."""

import torch
from torch.nn import functional

from harness.declaration.book import fault
from harness.primitives.trainers import trainer


def _loop(net, batches, lr, backward, optimizer=None):
    """Plain SGD with momentum; backward(X, y) leaves gradients and returns the loss."""
    if optimizer is None:
        trained = [w for w in net.parameters() if w.requires_grad]
        optimizer = torch.optim.SGD(trained, lr, momentum=0.9)
    losses = []
    for X, y in batches:
        optimizer.zero_grad()
        losses.append(backward(X, y))
        optimizer.step()
    return losses


def _backward(net, X, y, factor=1.0, **options):
    loss = functional.cross_entropy(net(X), y, **options)
    torch.autograd.backward(factor * loss)
    return float(loss.detach())


@fault("trainer", breaks="tl-relation.permuted")
def drops_the_last_row(net, batches, lr, **_):
    """Off by one: the last example of every batch is never seen."""
    return trainer(net, [(X[:-1], y[:-1]) for X, y in batches], lr)


@fault("trainer", breaks="tl-relation.permuted")
def weighs_rows_by_their_place(net, batches, lr, **_):
    """A weight for each row comes from another batch's order."""

    def backward(X, y):
        each = functional.cross_entropy(net(X), y, reduction="none")
        mean = (each * torch.linspace(0.5, 1.5, len(y), dtype=X.dtype)).mean()
        torch.autograd.backward(mean)
        return float(mean.detach())

    return _loop(net, batches, lr, backward)


@fault("trainer", breaks="tl-relation.parts")
def averages_the_parts(net, batches, lr, parts=1, **_):
    """L01: the mean of the parts' means, whatever they hold."""

    def backward(X, y):
        cut = [
            (a, b)
            for a, b in zip(X.tensor_split(parts), y.tensor_split(parts), strict=True)
            if bool((b >= 0).any())
        ]
        return sum(_backward(net, a, b, 1 / len(cut)) for a, b in cut) / len(cut)

    return _loop(net, batches, lr, backward)


@fault("trainer", breaks="tl-relation.parts")
def clips_every_part(net, batches, lr, parts=1, **_):
    """The gradient that has been added up so far is clipped after each part."""

    def backward(X, y):
        total, count = 0.0, int((y >= 0).sum())
        for a, b in zip(X.tensor_split(parts), y.tensor_split(parts), strict=True):
            total += _backward(net, a, b, 1 / count, reduction="sum")
            torch.nn.utils.clip_grad_norm_(net.parameters(), 0.1)
        return total / count

    return _loop(net, batches, lr, backward)


@fault("trainer", breaks="tl-relation.ranks")
def averages_the_ranks(net, batches, lr, ranks=1, **_):
    """Each rank divides by its own count, and the gradients are averaged."""

    def backward(X, y):
        dealt = [(X[r::ranks], y[r::ranks]) for r in range(ranks)]
        held = [(a, b) for a, b in dealt if bool((b >= 0).any())]
        return sum(_backward(net, a, b, 1 / ranks) for a, b in held) / ranks

    return _loop(net, batches, lr, backward)


@fault("trainer", breaks="tl-relation.ranks")
def adds_the_ranks(net, batches, lr, ranks=1, **_):
    """Gradients are summed over processes and never divided."""
    return _loop(net, batches, lr, lambda X, y: _backward(net, X, y, float(ranks)))


@fault("trainer", breaks="tl-relation.resumed")
def forgets_its_memory(net, batches, lr, resumed=None, **_):
    """Only the net is saved: the velocity begins at 0, the rate at its start."""
    first = trainer(net, batches[:resumed], lr)
    return first if resumed is None else first + trainer(net, batches[resumed:], lr)


@fault("trainer", breaks="tl-relation.resumed")
def repeats_a_batch(net, batches, lr, resumed=None, **options):
    """The place in the data is saved before the batch that was under way."""
    if resumed is not None:
        batches = [*batches[:resumed], *batches[resumed - 1 : -1]]
    return trainer(net, batches, lr, **options)


@fault("trainer", breaks="tl-relation.again")
def never_zeroes_gradients(net, batches, lr, **_):
    """Nobody calls zero_grad(): every step takes the sum of all gradients so far."""
    optimizer = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], lr)
    losses = []
    for X, y in batches:
        losses.append(_backward(net, X, y))
        optimizer.step()
    return losses


@fault("trainer", breaks="tl-relation.again")
def leaves_its_hooks_behind(net, batches, lr, **_):
    """Gradients are halved by hooks, which stay in the net: the next run's are halved twice."""
    for w in net.parameters():
        if w.requires_grad:
            w.register_hook(lambda slope: slope / 2)
    return trainer(net, batches, lr)


@fault("trainer", breaks="tl-relation.scaled")
def clips_the_scaled_gradient(net, batches, lr, scale=1.0, **_):
    """The clip comes before the scale is taken out."""

    def backward(X, y):
        found = _backward(net, X, y, scale)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        for w in net.parameters():
            w.grad /= scale
        return found

    return _loop(net, batches, lr, backward)


@fault("trainer", breaks="tl-relation.scaled")
def never_unscales(net, batches, lr, scale=1.0, **_):
    """The scaled gradient goes to the optimiser."""
    return _loop(net, batches, lr, lambda X, y: _backward(net, X, y, scale))


@fault("trainer", breaks="tl-relation.padded")
def divides_by_the_rows(net, batches, lr, **_):
    """L05: the sum over what counts is divided by the length of the batch."""

    def backward(X, y):
        return _backward(net, X, y, 1 / len(y), reduction="sum") / len(y)

    return _loop(net, batches, lr, backward)


@fault("trainer", breaks="tl-relation.padded")
def learns_the_padding(net, batches, lr, **options):
    """The ignored label is taken for the first class."""
    return trainer(net, [(X, y.clamp(min=0)) for X, y in batches], lr)


@fault("trainer", breaks="tl-relation.evaluated")
def stays_in_evaluation(net, batches, lr, evaluated=False, **options):
    """E01: after the first evaluation nobody calls train()."""
    first = trainer(net, batches, lr, **options) if not evaluated else None
    return trainer(net.eval(), batches, lr, **options) if first is None else first


@fault("trainer", breaks="tl-relation.evaluated")
def evaluates_in_training_mode(net, batches, lr, evaluated=False, **options):
    """Running statistics follow the data that is evaluated."""
    if evaluated:
        with torch.no_grad():
            net(batches[0][0])
    return trainer(net, batches, lr, **options)


@fault("trainer", breaks="tl-relation.evaluated")
def leaves_gradients_behind(net, batches, lr, evaluated=False, **_):
    """The test loss is differentiated, and its gradient joins the next step's."""

    def backward(X, y):
        if evaluated:
            _backward(net.eval(), X, y)
            net.train()
        return _backward(net, X, y)

    return _loop(net, batches, lr, backward)


@fault("trainer", breaks="tl-relation.relabelled")
def takes_class_zero_for_padding(net, batches, lr, **options):
    """ignore_index is 0, which is a class here."""
    masked = [(X, torch.where(y == 0, -100, y)) for X, y in batches]
    kept = [
        (X, y if bool((z >= 0).any()) else z.new_tensor([0] * len(z)))
        for (X, z), (_, y) in zip(masked, masked, strict=True)
    ]
    return trainer(net, kept, lr)


@fault("trainer", breaks="tl-relation.relabelled")
def shifts_the_labels(net, batches, lr, **options):
    """Labels are taken to begin at 1: the first two classes are one."""
    return trainer(net, [(X, torch.where(y > 0, y - 1, y)) for X, y in batches], lr)


@fault("trainer", breaks="tl-relation.frozen")
def steps_a_shared_parameter_twice(net, batches, lr, **_):
    """Parameters are listed by name, and one with two names is in two groups."""
    named = dict(net.named_parameters(remove_duplicate=False))
    rest = {name: w for name, w in named.items() if name != "alias" and w.requires_grad}
    optimizers = [torch.optim.SGD(rest.values(), lr)]
    if "alias" in named:
        optimizers.append(torch.optim.SGD([named["alias"]], lr))

    class Both:
        def zero_grad(self):
            net.zero_grad()

        def step(self):
            for one in optimizers:
                one.step()

    return _loop(net, batches, lr, lambda X, y: _backward(net, X, y), Both())


@fault("trainer", breaks="tl-relation.frozen")
def clips_by_the_mean_of_an_empty_parameter(net, batches, lr, **_):
    """The norm is put together from means, and the mean over no element is NaN."""

    def backward(X, y):
        found = _backward(net, X, y)
        slopes = [
            torch.zeros_like(w) if w.grad is None else w.grad
            for w in net.parameters()
            if w.requires_grad
        ]
        norm = torch.stack([slope.square().mean() for slope in slopes]).sum().sqrt()
        for slope in slopes:
            slope *= (1.0 / norm).clamp(max=1.0)
        return found

    return _loop(net, batches, lr, backward)


@fault("trainer", breaks="tl-relation.frozen")
def decays_what_is_frozen(net, batches, lr, **options):
    """The decay is written by hand, for all parameters."""
    found = trainer(net, batches, lr, **options)
    with torch.no_grad():
        for w in net.parameters():
            w.mul_(1 - 0.01 * lr)
    return found


@fault("trainer", breaks="tl-relation.frozen")
def thaws_everything(net, batches, lr, **options):
    """requires_grad_(True) before training, as for fine-tuning of the whole."""
    net.requires_grad_(True)
    for w in net.parameters():
        w.grad = torch.ones_like(w)
    optimizer = torch.optim.SGD(net.parameters(), lr, weight_decay=0.01)
    optimizer.step()
    return trainer(net, batches, lr, **options)


@fault("trainer", breaks="tl-relation.permuted")
def adds_noise_of_its_own(net, batches, lr, **_):
    """Gradients get noise from a generator that is seeded by the first number of the batch."""

    def backward(X, y):
        loss = _backward(net, X, y)
        noise = torch.Generator().manual_seed(int(2**20 * abs(float(X[0, 0]))))
        for w in net.parameters():
            w.grad = w.grad + 0.01 * torch.randn(w.shape, generator=noise, dtype=w.dtype)
        return loss

    return _loop(net, batches, lr, backward)
