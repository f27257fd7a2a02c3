"""Faults of what the dropout sections use besides dropout: activations, solvers, training."""

from dataclasses import replace

import numpy as np
import torch

from harness.data.synthetic import gaussian_noise
from harness.declaration.book import fault
from harness.metrics import nets
from harness.primitives.dropout import dropout
from harness.training.exact.least_squares import minimum_norm, ridge_regression
from harness.training.nets.mlp import train_mlp


@fault("relu", breaks="do-subnetwork do-after-act")
def leaks_a_constant(x):
    """A ReLU whose floor is 0.1, so that it is not positively homogeneous."""
    return x.clamp(min=0.1)


@fault("relu", breaks="do-layer-expectation.jensen")
def passes_everything(x):
    """A ReLU that lost its kink: the identity."""
    return x.clone()


@fault("tanh", breaks="do-bishop.corrected")
def has_corners(x):
    """A tanh of straight pieces: its curvature is in the corners, where no derivative sees it."""
    return x.clamp(-1.0, 1.0)


@fault("minimum_norm", breaks="do-p-gt-n")
def stops_short_of_interpolation(X, y):
    """A ridge for the least norm, so that the training error is not zero."""
    return ridge_regression(X, y, 0.1, intercept=False)[0]


@fault("minimum_norm", breaks="do-p-gt-n do-n-gt-p")
def knows_the_slope_of_the_first_feature_only(X, y):
    """All features but the first are ignored."""
    w = np.zeros((X.shape[0], X.shape[2]))
    w[:, :1] = minimum_norm(X[:, :, :1], y)
    return w


@fault("minimum_norm", breaks="do-n-gt-p")
def forgets_all_but_a_few_samples(X, y):
    """Only as many samples as features (and two more) reach the solver."""
    few = X.shape[2] + 2
    return minimum_norm(X[:, :few], y[:, :few])


@fault("gaussian_noise", breaks="do-bishop")
def takes_the_variance_for_the_deviation(shape, std, rng):
    """N01: sigma^2 is used as sigma; invisible at one."""
    return gaussian_noise(shape, std**2, rng)


@fault("gaussian_noise", breaks="do-bishop")
def shares_one_noise_over_the_features(shape, std, rng):
    """N03: one number for the whole row of features."""
    return np.broadcast_to(gaussian_noise((*shape[:-1], 1), std, rng), shape).copy()


@fault("train_mlp", breaks="do-interactions do-deep-overfit")
def trains_a_linear_net(data, net, solver, *draws, **options):
    """The activation is lost, so that a deep net is a linear one."""
    return train_mlp(data, replace(net, activation=passes_everything), solver, *draws, **options)


@fault("train_mlp", breaks="do-interactions do-deep-overfit do-robust do-mc do-no-overreliance")
@fault("train_mlp", breaks="do-controls.u do-improves-test do-raises-train im.dropout-gap")
@fault("train_mlp", breaks="im.protocol im.protocol.few do-concise-same.law do-concise-same.full")
@fault("train_mlp", breaks="in-constant.random-outputs in-constant.dropout do-smooth")
def does_not_train(data, net, solver, *draws, **options):
    """The update is never applied."""
    return train_mlp(data, net, replace(solver, lr=0.0), *draws, **options)


@fault("train_mlp", breaks="do-robust do-no-overreliance do-controls do-controls.u")
@fault("train_mlp", breaks="do-improves-test do-raises-train do-near-input.corrected")
@fault("train_mlp", breaks="im.dropout-gap do-concise-same.law in-constant.dropout")
@fault("train_mlp", breaks="do-smooth do-controls.with-decay")
def forgets_dropout(data, net, solver, *draws, **options):
    """D05: the drop probabilities are never handed on to the layers."""
    return train_mlp(data, replace(net, dropout_rates=()), solver, *draws, **options)


@fault("train_mlp", breaks="do-near-input.corrected do-near-input.narrow")
def swaps_the_drop_probabilities(data, net, solver, *draws, **options):
    """The probabilities reach the layers from the output downwards."""
    swapped = replace(net, dropout_rates=net.dropout_rates[::-1])
    return train_mlp(data, swapped, solver, *draws, **options)


@fault("train_mlp", breaks="in-constant")
def ignores_the_initializer(data, net, solver, *draws, **options):
    """I19: the framework's own weights are drawn, whatever was asked for."""
    return train_mlp(data, replace(net, initializer=None), solver, *draws, **options)


@fault("train_mlp", breaks="do-eval.recorded")
def evaluates_in_training_mode(data, net, solver, generator, *orders, **options):
    """E01: nobody calls eval(): what is reported was measured with units dropped."""
    run = train_mlp(data, net, solver, generator, *orders, **options)

    def drop(layer, h):
        return dropout(h, net.dropout_rates[layer], generator)

    losses = [
        nets.cross_entropy(nets.logits(run.parameters, X, drop), y)[:, None]
        for X, y in ((data.X, data.y), (data.X_test, data.y_test))
    ]
    return replace(run, train_loss=losses[0], test_loss=losses[1])


@fault("train_mlp", breaks="do-eval.recorded")
def reports_before_it_trains(data, net, solver, generator, *orders, **options):
    """What is reported after an epoch was measured before its last steps."""
    seed = generator.initial_seed()
    run, stale = (
        train_mlp(data, net, arm, torch.Generator().manual_seed(seed), *orders, **options)
        for arm in (solver, replace(solver, lr=solver.lr * 0.9))
    )
    return replace(run, train_loss=stale.train_loss, test_loss=stale.test_loss)


@fault("train_mlp", breaks="do-eval.recorded")
def reports_in_bits(data, net, solver, *draws, **options):
    """The reported cross-entropy has the logarithm of base 2."""
    run = train_mlp(data, net, solver, *draws, **options)
    bits = float(1 / np.log(2))
    return replace(run, train_loss=bits * run.train_loss, test_loss=bits * run.test_loss)


@fault("train_mlp", breaks="im.decay-gap do-controls.with-decay")
def forgets_weight_decay(data, net, solver, *draws, **options):
    """The penalty never reaches the optimiser."""
    return train_mlp(data, net, replace(solver, weight_decay=0.0), *draws, **options)


@fault("train_mlp", breaks="im.decay-gap")
def decays_upwards(data, net, solver, *draws, **options):
    """W17: the sign of the decay is wrong, so that weights grow."""
    upwards = replace(solver, weight_decay=-solver.weight_decay)
    return train_mlp(data, net, upwards, *draws, **options)


@fault("train_mlp", breaks="do-concise-same.mechanism do-sudden-drop.rate")
def takes_a_hundredth_of_the_step(data, net, solver, *draws, **options):
    """The learning rate is divided by 100: what rescues a net with weights of deviation 1."""
    return train_mlp(data, net, replace(solver, lr=solver.lr / 100), *draws, **options)
