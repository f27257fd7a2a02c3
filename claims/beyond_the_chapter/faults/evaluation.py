"""Faults of the loop that evaluates a net on a data set."""

from contextlib import contextmanager

import torch

from harness.declaration.book import fault
from harness.primitives.evaluation import evaluate_loss


@fault("evaluate_loss", breaks="do-eval.data-set")
def forgets_to_evaluate(net, batches, loss):
    """E01: nobody calls eval(): units are dropped, and batch norm follows the test data."""
    with torch.no_grad():
        losses = torch.cat([loss(net(X), y) for X, y in batches])
    return float(losses.mean())


@fault("evaluate_loss", breaks="do-eval.data-set")
def stays_in_evaluation(net, batches, loss):
    """E01: train() is not called again: what follows is trained without dropout."""
    found = evaluate_loss(net, batches, loss)
    net.eval()
    return found


@fault("evaluate_loss", breaks="do-eval.data-set")
def ends_in_training(net, batches, loss):
    """The other way round: a net that was only evaluated is in training mode afterwards."""
    found = evaluate_loss(net, batches, loss)
    net.train()
    return found


@fault("evaluate_loss", breaks="do-eval.data-set")
def averages_the_batches(net, batches, loss):
    """L01, at evaluation: the mean of the batches' means, which is right for equal batches."""
    batches = list(batches)
    return sum(evaluate_loss(net, [batch], loss) for batch in batches) / len(batches)


@fault("evaluate_loss", breaks="do-eval.data-set")
def divides_by_full_batches(net, batches, loss):
    """The count is the first batch's size times the number of batches."""
    batches = list(batches)
    examples = sum(len(y) for _, y in batches)
    return evaluate_loss(net, batches, loss) * examples / (len(batches) * len(batches[0][1]))


@fault("evaluate_loss", breaks="do-eval.data-set")
def skips_the_ragged_batch(net, batches, loss):
    """The last batch is left out where it is smaller than the first (drop_last in evaluation)."""
    batches = list(batches)
    whole = [batch for batch in batches if len(batch[1]) == len(batches[0][1])]
    return evaluate_loss(net, whole, loss)


@fault("evaluate_loss", breaks="do-eval.data-set")
def leaves_gradients(net, batches, loss):
    """Gradients of the test loss are left on the parameters, and join the next step's."""
    training = net.training
    net.eval()
    mean = torch.cat([loss(net(X), y) for X, y in batches]).mean()
    torch.autograd.backward(mean)
    net.train(training)
    return float(mean.detach())


@fault("evaluate_loss", breaks="do-eval.data-set ms-small-val-noisier.root")
def stops_after_the_first_batch(net, batches, loss):
    """A break that was left over from debugging: the first batch speaks for all."""
    return evaluate_loss(net, list(batches)[:1], loss)


@fault("evaluate_loss", breaks="do-eval.data-set")
def freezes_the_parameters(net, batches, loss):
    """Gradients are switched off at the parameters, for good."""
    return evaluate_loss(net.requires_grad_(False), batches, loss)


@fault("evaluate_loss", breaks="do-eval.data-set")
def puts_all_parts_into_one_mode(net, batches, loss):
    """The net's own mode comes back to all of its parts, one that was in evaluation included."""
    mode, found = net.training, evaluate_loss(net, batches, loss)
    net.train(mode)
    return found


@fault("evaluate_loss", breaks="do-eval.data-set")
def records_a_graph(net, batches, loss):
    """Every operation is kept for a backward pass that never comes."""
    with _evaluating(net):
        parts = [loss(net(X), y) for X, y in batches]
    return float(torch.cat(parts).mean().detach())


@fault("evaluate_loss", breaks="do-eval.data-set")
def counts_in_a_pass_of_its_own(net, batches, loss):
    """What can be gone through once is used up by the counting."""
    count = sum(len(X) for X, _ in batches)
    with _evaluating(net), torch.no_grad():
        return sum(float(loss(net(X), y).sum()) for X, y in batches) / count


@fault("evaluate_loss", breaks="do-eval.data-set")
def leaves_out_infinite_losses(net, batches, loss):
    """A loss that is not finite counts neither above nor below."""

    def finite(y_hat, y):
        losses = loss(y_hat, y)
        return losses[losses.isfinite()]

    return evaluate_loss(net, batches, finite)


@contextmanager
def _evaluating(net):
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    yield
    for module, mode in modes:
        module.training = mode
