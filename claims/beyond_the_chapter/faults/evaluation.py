"""Faults of the loop that evaluates a net on a data set."""

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
    return sum(evaluate_loss(net, [batch], loss) for batch in batches) / len(batches)


@fault("evaluate_loss", breaks="do-eval.data-set")
def divides_by_full_batches(net, batches, loss):
    """The count is the first batch's size times the number of batches."""
    examples = sum(len(y) for _, y in batches)
    return evaluate_loss(net, batches, loss) * examples / (len(batches) * len(batches[0][1]))


@fault("evaluate_loss", breaks="do-eval.data-set")
def skips_the_ragged_batch(net, batches, loss):
    """The last batch is left out where it is smaller than the first (drop_last in evaluation)."""
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
    return evaluate_loss(net, batches[:1], loss)
