"""Faults of what the claims about capacity and VC dimension rest on."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from harness.data import classes, synthetic
from harness.declaration.book import fault
from harness.primitives import shattering
from harness.primitives.polynomials import polynomial_features
from harness.training.exact import least_squares
from harness.training.nets import mlp

Flags = npt.NDArray[np.bool_]


@fault("linearly_separable", breaks="vc-perceptron vc-perceptron.collinear")
def forgets_the_bias(points, labels):
    """Every separating hyperplane passes through 0."""
    # Points and their mirror images with opposite labels are separable only through 0.
    mirrored = np.concatenate([points, -points], axis=1)
    return shattering.linearly_separable(mirrored, np.concatenate([labels, ~labels], axis=1))


@fault("linearly_separable", breaks="cap-two-factors.redundant vc-perceptron")
@fault("linearly_separable", breaks="vc-perceptron.collinear vc-xor")
def lets_points_lie_on_the_boundary(points, labels):
    """y (w.x + b) >= 0 is asked for, which w = 0 and b = 0 satisfy."""
    return np.ones(len(points), dtype=bool)


@fault("linearly_separable", breaks="cap-two-factors.redundant vc-perceptron vc-xor")
def stops_after_three_sweeps(points, labels):
    """Rosenblatt's rule; what it has not learned in three sweeps counts as inseparable."""
    rows = np.concatenate([points, np.ones((*points.shape[:2], 1))], axis=2)
    rows = np.where(labels, 1.0, -1.0)[..., None] * rows
    w = np.zeros((len(rows), rows.shape[2]))
    for _ in range(3):
        for i in range(rows.shape[1]):
            wrong = np.vecdot(w, rows[:, i]) <= 0
            w += np.where(wrong[:, None], rows[:, i], 0.0)
    learned: Flags = (np.matvec(rows, w) > 0).all(axis=1)
    return learned


@fault("linearly_separable", breaks="cap-two-factors.redundant vc-perceptron vc-xor")
def cuts_along_one_axis(points, labels):
    """A stump: a threshold on a single input."""
    axes = [points[..., [i]] for i in range(points.shape[2])]
    found = [shattering.linearly_separable(axis, labels) for axis in axes]
    separated: Flags = np.any(found, axis=0)
    return separated


@fault("linearly_separable", breaks="vc-xor.hidden")
def ignores_all_but_the_first_input(points, labels):
    """All columns but the first are lost."""
    return shattering.linearly_separable(points[..., :1], labels)


@fault("relu", breaks="vc-xor.hidden")
def is_the_identity(x):
    """The activation is forgotten."""
    return x


@fault("noisy_halfspace", breaks="vc-bound vc-bound.loose")
def sorts_by_class(replicates, n, rng, **options):
    """R07: the shuffle is forgotten, so the training part ends before the second class begins."""
    X, y = classes.noisy_halfspace(replicates, n, rng, **options)
    order = np.argsort(y, axis=1, kind="stable")
    return np.take_along_axis(X, order[..., None], axis=1), np.take_along_axis(y, order, axis=1)


@fault("init_mlp", breaks="cap-params vc-bound.net")
def forgets_the_hidden_layers(sizes, replicates, generator, **options):
    """Inputs are wired to the outputs."""
    return mlp.init_mlp([sizes[0], sizes[-1]], replicates, generator, **options)


@fault("init_mlp", breaks="cap-params vc-bound.net")
def shares_one_row_of_weights(sizes, replicates, generator, **options):
    """All units of a layer have the same weights, one row of them."""
    parameters = mlp.init_mlp(sizes, replicates, generator, **options)
    return [p[:, :1] for p in parameters]


@fault("init_mlp", breaks="cap-params")
def forgets_the_biases(sizes, replicates, generator, **options):
    """Layers have weights alone."""
    return mlp.init_mlp(sizes, replicates, generator, **options)[::2]


@fault("init_mlp", breaks="cap-params")
def forgets_the_last_bias(sizes, replicates, generator, **options):
    """The output layer has no bias."""
    return mlp.init_mlp(sizes, replicates, generator, **options)[:-1]


@fault("sine_classifier", breaks="cap-two-factors.sine")
def clips_its_parameter(x, a):
    """The one parameter is kept within 30, as if by a bound on the weights."""
    return shattering.sine_classifier(x, np.clip(a, -30.0, 30.0))


@fault("sine_classifier", breaks="cap-two-factors.sine")
def takes_the_parameter_for_degrees(x, a):
    """The angle is read in degrees."""
    return shattering.sine_classifier(x, np.deg2rad(a))


@fault("sine_classifier", breaks="cap-two-factors.range")
def pairs_points_with_parameters(x, a):
    """As many points as parameters: each has one of its own, and all rows are alike."""
    if len(x) != len(a):
        return shattering.sine_classifier(x, a)
    return np.tile(np.sin(a * x) > 0, (len(a), 1))


@fault("sine_classifier", breaks="cap-two-factors.range")
def sorts_its_parameters(x, a):
    """The rows are those of the parameters in order, and not as they were given."""
    return shattering.sine_classifier(x, np.sort(a))


@fault("sine_classifier", breaks="cap-two-factors.range")
def multiplies_in_single_precision(x, a):
    """A large angle keeps none of the digits that say where in the period it is."""
    angle = np.multiply.outer(np.asarray(a, np.float32), np.asarray(x, np.float32))
    return np.sin(angle) > 0


@fault("sine_classifier", breaks="cap-two-factors.range")
def takes_zero_for_positive(x, a):
    """At the origin the sine is 0, which is not above 0."""
    return np.sin(np.multiply.outer(a, x)) >= 0


@fault("sine_classifier", breaks="cap-two-factors.range")
def amplifies_its_parameter(x, a):
    """A hidden gain of ten leaves the range that was asked for."""
    return shattering.sine_classifier(x, 10 * a)


@fault("ridge_regression", breaks="cap-two-factors")
def forgets_the_penalty(X, y, weight_decay):
    """The penalty is read and not used."""
    return least_squares.ridge_regression(X, y, 0.0)


@fault("ridge_regression", breaks="cap-two-factors")
def penalises_by_the_sum(X, y, weight_decay):
    """L03: the loss is a mean but the penalty is scaled as if it were a sum."""
    return least_squares.ridge_regression(X, y, weight_decay / X.shape[1])


@fault("ridge_regression", breaks="cap-two-factors")
def loses_the_last_column(X, y, weight_decay):
    """The last input is read as zero."""
    X = X.copy()
    X[..., -1] = 0.0
    return least_squares.ridge_regression(X, y, weight_decay)


@fault("train_mlp", breaks="cap-ucurve.width cap-perfect-then-drop.corrected")
@fault("train_mlp", breaks="cap-perfect-then-drop.clean cap-overfit-raises-gen")
@fault("train_mlp", breaks="cap-min-gap.corrected cap-start-big dc-match.xor dc-match.signals")
@fault("train_mlp", breaks="dc-match.noise")
def takes_a_thousandth_of_the_step(data, net, solver, *draws, **options):
    """The learning rate is a thousandth of the one asked for: nothing is learned."""
    return mlp.train_mlp(data, net, replace(solver, lr=solver.lr / 1000), *draws, **options)


@fault("train_mlp", breaks="cap-ucurve.width cap-perfect-then-drop.corrected cap-start-big")
@fault("train_mlp", breaks="dc-match.signals")
def gives_every_net_one_hidden_unit(data, net, solver, *draws, **options):
    """The width that was asked for is not used."""
    sizes = (net.sizes[0], *[1 for _ in net.sizes[1:-1]], net.sizes[-1])
    return mlp.train_mlp(data, replace(net, sizes=sizes), solver, *draws, **options)


@fault("train_mlp", breaks="dc-match.xor dc-match.signals dc-match.noise")
def gives_every_net_a_hidden_layer(data, net, solver, *draws, **options):
    """A linear model is given 32 hidden units."""
    sizes = (net.sizes[0], 32, net.sizes[-1])
    return mlp.train_mlp(data, replace(net, sizes=sizes), solver, *draws, **options)


@fault("train_mlp", breaks="cap-perfect-then-drop.corrected cap-perfect-then-drop.clean")
@fault("train_mlp", breaks="cap-overfit-raises-gen cap-min-gap.corrected dc-match.noise")
def decays_without_being_asked(data, net, solver, *draws, **options):
    """A weight decay of 0.1 is always on."""
    decayed = replace(solver, weight_decay=solver.weight_decay + 0.1)
    return mlp.train_mlp(data, net, decayed, *draws, **options)


@fault("train_mlp", breaks="cap-min-gap.corrected")
def never_decays(data, net, solver, *draws, **options):
    """The weight decay is read and not used."""
    return mlp.train_mlp(data, net, replace(solver, weight_decay=0.0), *draws, **options)


@fault("train_mlp", breaks="cap-start-big")
def decays_a_hundred_times_too_much(data, net, solver, *draws, **options):
    """W05: the decay is scaled by the wrong learning rate."""
    decayed = replace(solver, weight_decay=100 * solver.weight_decay)
    return mlp.train_mlp(data, net, decayed, *draws, **options)


@fault("train_mlp", breaks="cap-perfect-then-drop.clean")
def spoils_a_fifth_of_the_labels(data, net, solver, generator, *orders, **options):
    """R11: a fifth of the labels lose their inputs."""
    y = data.y
    spoilt = torch.rand(y.shape, generator=generator, device=y.device) < 0.2
    data = replace(data, y=torch.where(spoilt, y.max() - y, y))
    return mlp.train_mlp(data, net, solver, generator, *orders, **options)


@fault("train_mlp", breaks="cap-perfect-then-drop.corrected cap-overfit-raises-gen")
def learns_from_the_test_data(data, net, solver, *draws, **options):
    """The test data leak into the training data."""
    X, y = torch.cat([data.X, data.X_test], dim=-2), torch.cat([data.y, data.y_test], dim=-1)
    data = replace(data, X=X, y=y)
    return mlp.train_mlp(data, net, solver, *draws, **options)


@fault("fit_least_squares", breaks="cap-train-monotone")
def solves_in_raw_powers(x, y, degree, ridge=0.0):
    """A truncating solver in the badly conditioned columns x^i / i!."""
    features = polynomial_features(x, degree)
    fits = [np.linalg.lstsq(a, b, rcond=None)[0] for a, b in zip(features, y, strict=True)]
    return least_squares.RidgeFit(np.stack(fits))


@fault("fit_least_squares", breaks="cap-train-monotone")
def fits_half_of_the_sample(x, y, degree, ridge=0.0):
    """Every other example is lost."""
    return least_squares.fit_least_squares(x[:, ::2], y[:, ::2], degree, ridge)


@fault("fit_least_squares", breaks="cap-ucurve dc-match")
def caps_the_degree_at_one(x, y, degree, ridge=0.0):
    """Powers above the first are never used."""
    return least_squares.fit_least_squares(x, y, min(degree, 1), ridge)


@fault("fit_least_squares", breaks="cap-ucurve cap-ucurve.next dc-match.samples")
def caps_the_degree_at_three(x, y, degree, ridge=0.0):
    """Columns beyond the cubic are silently dropped, as a solver that truncates the rank does."""
    return least_squares.fit_least_squares(x, y, min(degree, 3), ridge)


@fault("linear_200", breaks="dc-match.elements")
def copies_one_feature(replicates, n, rng, d=200):
    """All elements of a sample are one number."""
    X, y = synthetic.linear_200(replicates, n, rng, 1)
    return np.repeat(X, d, axis=-1), y


@fault("minimum_norm", breaks="cap-ucurve.interpolation")
def penalises_ten_times_too_much(X, y):
    """A ridge of 10 where the shortest interpolator is asked for."""
    return least_squares.ridge_regression(X, y, 10.0, intercept=False)[0]


@fault("fit_least_squares", breaks="dc-match.samples")
def fits_the_first_fifteen_samples(x, y, degree, ridge=0.0):
    """The rest of the sample is never read, whatever its size."""
    return least_squares.fit_least_squares(x[:, :15], y[:, :15], degree, ridge)


@fault("fit_least_squares", breaks="dc-match dc-match.few")
def fits_zeros(x, y, degree, ridge=0.0):
    """The labels are lost."""
    return least_squares.fit_least_squares(x, np.zeros_like(y), degree, ridge)


@fault("init_mlp", breaks="cap-params.initial")
def shares_one_net(sizes, replicates, generator, *rest, **options):
    """All replicas start from the same parameters."""
    one = mlp.init_mlp(sizes, 1, generator, *rest, **options)
    return [w.expand(replicates, *w.shape[1:]).clone() for w in one]


@fault("init_mlp", breaks="cap-params.initial")
def draws_biases_of_zero(sizes, replicates, generator, initializer=None, **options):
    """The biases are 0 whatever the weights are."""
    options = options | {"zero_bias": True}
    return mlp.init_mlp(sizes, replicates, generator, initializer, **options)


@fault("init_mlp", breaks="cap-params.initial")
def draws_biases_with_the_initializer(sizes, replicates, generator, initializer=None, **options):
    """The biases keep the layer's default law, although the weights have another."""
    options = {"zero_bias": False} | options
    return mlp.init_mlp(sizes, replicates, generator, initializer, **options)


@fault("init_mlp", breaks="cap-params.initial")
def draws_normal_weights(sizes, replicates, generator, initializer=None, **options):
    """Of the default's variance, 1 / 3n, and normal."""

    def normal(fan_in, fan_out, generator, replicates=1, dtype=None, device="cpu"):
        shape = (replicates, fan_out, fan_in)
        z = torch.randn(shape, generator=generator, dtype=dtype, device=device)
        return z / (3 * fan_in) ** 0.5

    options = {"zero_bias": initializer is not None} | options
    return mlp.init_mlp(sizes, replicates, generator, initializer or normal, **options)


@fault("init_mlp", breaks="cap-params.initial")
def draws_biases_as_it_drew_weights(sizes, replicates, generator, *given, **options):
    """Biases are drawn from where the weights began: they are the first of these once more."""
    parameters = mlp.init_mlp(sizes, replicates, generator, *given, **options)
    return [
        one if one.dim() == 3 or not one.any()
        else parameters[i - 1].flatten()[: one.numel()].reshape(one.shape).clone()
        for i, one in enumerate(parameters)
    ]  # fmt: skip


@fault("init_mlp", breaks="cap-params.initial")
def makes_single_precision_biases(sizes, replicates, generator, *given, **options):
    """Biases of 0 are float32 whatever was asked for."""
    parameters = mlp.init_mlp(sizes, replicates, generator, *given, **options)
    return [one if one.any() else one.float() for one in parameters]


@fault("linearly_separable", breaks="vc-perceptron.collinear")
def asks_for_a_margin_of_its_own(points, labels):
    """A margin below 1e-4 counts as none, however near to one another the points are."""
    apart = np.abs(points - points[:, :1]).max(axis=(1, 2)) > 1e-4
    one = labels.all(axis=1) | ~labels.any(axis=1)
    return shattering.linearly_separable(points, labels) & (apart | one)
