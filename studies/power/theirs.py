"""What the frameworks' own tests assert of a role, stated again so that a fault can take them.

Each is a few lines with the framework's inputs and tolerances, on the role's own signature. The
released tests draw once: so do these, at each of `SEEDS`, and a fault is caught if most fail.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

SEEDS = range(5)


@dataclass(frozen=True)
class Theirs:
    """An assertion: whose test, what it says, and whether an implementation passes it."""

    test: str
    asserts: str
    passes: Callable[[Any, int], bool]


def catches(theirs: Theirs, implementation: Any) -> bool:
    """True if the assertion fails at most seeds; a test that raises fails."""
    failed = 0
    for seed in SEEDS:
        try:
            failed += not theirs.passes(implementation, seed)
        except Exception:  # a framework's test would end as an error, which is no pass
            failed += 1
    return failed > len(SEEDS) / 2


def _dropout(dropout: Any, seed: int) -> bool:
    return all(_dropout_facts(dropout, seed, (1000,), extra=True))


def _dropout_facts(
    dropout: Any, seed: int, shape: tuple[int, ...], extra: bool = False
) -> Iterator[bool]:
    generator, p = torch.Generator().manual_seed(seed), 0.2
    for dtype in (torch.float32, torch.bfloat16) if extra else (torch.float64,):
        h = torch.full(shape, 1 - p, dtype=dtype)
        leaf = h.clone().requires_grad_()
        dropped = dropout(leaf, p, generator)
        dropped.backward(h)
        assert leaf.grad is not None
        yield abs(float(dropped.detach().mean()) - (1 - p)) < 0.05
        yield abs(float(leaf.grad.mean()) - (1 - p)) < 0.05
        yield bool(torch.equal(dropout(h, p, generator, training=False), h))
    if not extra:
        return
    ones = torch.ones(2, 3, 3, 6)[..., ::2]
    for tiny in (0.0, 1e-10):
        yield bool(torch.equal(dropout(ones, tiny, generator), ones))
    cube = torch.ones(2, 3, 4, 5)
    for order in itertools.permutations(range(4)):
        inverse = sorted(range(4), key=order.__getitem__)
        laid = cube.permute(order).contiguous().permute(inverse)
        for rate in (0.3, 0.5, 0.7):
            out = dropout(laid, rate, generator)
            yield abs(float(out.mean()) - 1.0) <= 0.5 + 0.5
            yield not torch.equal(out, laid)


def _channels(dropout: Any, seed: int) -> bool:
    generator = torch.Generator().manual_seed(seed)
    facts = []
    for shape in ((12, 12, 12), (1000, 3, 2, 4), (1000, 2, 2, 3, 2)):
        facts += list(_dropout_facts(dropout, seed, shape))
        ones = torch.ones(10, 4, *[2] * (len(shape) - 2))
        counted = (dropout(ones, 0.5, generator) != 0).reshape(10, 4, -1).sum(dim=-1)
        facts.append(bool(((counted == 0) | (counted == ones[0, 0].numel())).all()))
    return all(facts)


def _law(law: str, variance: Callable[[int, int], float]) -> Callable[[Any, int], bool]:
    def passes(initializer: Any, seed: int) -> bool:
        from scipy import stats

        generator = torch.Generator().manual_seed(seed)
        sizes = np.random.default_rng(seed).integers(20, 26, 2)
        fan_in, fan_out = int(sizes[0]), int(sizes[1])
        w = initializer(fan_in, fan_out, generator).double().numpy().ravel()
        std = math.sqrt(variance(fan_in, fan_out))
        edge = std * math.sqrt(3)
        arguments = (0, std) if law == "norm" else (-edge, 2 * edge)
        return bool(stats.kstest(w, law, args=arguments)[1] > 0.0001)

    return passes


def _kernel(he_kernel: Any, seed: int) -> bool:
    from scipy import stats

    generator = torch.Generator().manual_seed(seed)
    inputs, outputs, *window = (
        int(side) for side in np.random.default_rng(seed).integers(20, 26, 4)
    )
    facts = []
    for sides in ([], window):
        kind = "convolution" if sides else "packed"
        shown = sides or [1]
        w = he_kernel(kind, inputs, outputs, shown, 1, generator).double().numpy().ravel()
        std = math.sqrt(2 / (inputs * math.prod(shown)))
        facts.append(stats.kstest(w, "norm", args=(0, std))[1] > 0.0001)
    return all(facts)


def _goes_down(stateful: bool, decays: tuple[float, ...]) -> Callable[[Any, int], bool]:
    def passes(step: Any, seed: int) -> bool:
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(5, generator=generator)

        def loss(weight: Tensor, bias: Tensor) -> Tensor:
            return (weight.mv(x) + bias).pow(2).sum()

        for decay in decays:
            params = [torch.randn(10, 5, generator=generator), torch.randn(10, generator=generator)]
            first, state = float(loss(*params)), None
            for _ in range(20):
                leaves = [w.detach().clone().requires_grad_() for w in params]
                grads = list(torch.autograd.grad(loss(*leaves), leaves))
                if stateful:
                    params, state = step(params, grads, state, 0.01, weight_decay=decay)
                else:
                    params = step(params, grads, 0.001, decay)
            if not float(loss(*params)) < first:
                return False
        return True

    return passes


def _clips(clip: Any, seed: int) -> bool:
    def norm_of(grads: list[Tensor]) -> float:
        return math.sqrt(sum(float(g.square().sum()) for g in grads))

    large = [torch.arange(1.0, 101).view(1, 10, 10), torch.ones(1, 10).div(1000)]
    before = norm_of(large)
    clipped, norm = clip(large, 2.0)
    scales = torch.cat([(c / g).flatten() for c, g in zip(clipped, large, strict=True)])
    close = math.isclose(float(norm), before, rel_tol=1e-5)
    reached = math.isclose(norm_of(clipped), 2.0, rel_tol=1e-5)
    small = [torch.rand(1, 10, 10).div(10000), torch.ones(1, 10).div(500)]
    same, _ = clip(small, 2.0)
    kept = all(torch.allclose(a, b) for a, b in zip(same, small, strict=True))
    return close and reached and float(scales.std()) < 1e-6 and kept


def _elementwise(exact: Callable[[Tensor], Tensor]) -> Callable[[Any, int], bool]:
    def passes(activation: Any, seed: int) -> bool:
        generator = torch.Generator().manual_seed(seed)
        x = (torch.rand(7, 5, generator=generator, dtype=torch.float64) * 18 - 9).requires_grad_()
        torch.testing.assert_close(activation(x), exact(x))
        return bool(torch.autograd.gradcheck(activation, (x,)))

    return passes


def _folds(k_fold: Any, seed: int) -> bool:
    for n in range(11, 17):
        folds = k_fold(n, 5)
        sizes = [len(valid) for _, valid in folds]
        if max(sizes) - min(sizes) > 1 or sum(sizes) != n:
            return False
        if any(set(train) & set(valid) or len(train) + len(valid) != n for train, valid in folds):
            return False
    first, second = (k_fold(300, 3, np.random.default_rng(s)) for s in (seed, seed + 100))
    validated = np.concatenate([valid for _, valid in first])
    fresh = len(np.intersect1d(first[0][0], second[0][0])) != len(first[0][0])
    return fresh and sorted(validated) == list(range(300))


def _strata(k_fold: Any, seed: int) -> bool:
    labels = np.repeat([4, 0, 1], [100, 890, 10])
    for rng in (None, np.random.default_rng(seed)):
        for train, valid in k_fold(labels, 5, rng):
            if set(train) & set(valid):
                return False
            for part in (train, valid):
                shares = [float(np.mean(labels[part] == c)) for c in (4, 0, 1)]
                if max(abs(a - b) for a, b in zip(shares, (0.1, 0.89, 0.01), strict=True)) > 0.02:
                    return False
    for n in range(11, 17):
        sizes = [len(valid) for _, valid in k_fold(np.repeat([0, 1], [3, 14])[:n], 3)]
        if max(sizes) - min(sizes) > 1 or sum(sizes) != n:
            return False
    return True


def _powers(polynomial_features: Any, seed: int) -> bool:
    x = np.arange(6.0)
    found = polynomial_features(x, 3)
    exact = np.stack([x**i / math.factorial(i) for i in range(4)], axis=-1)
    return bool(np.allclose(found, exact))


def _orders(permutation: Any, seed: int) -> bool:
    rng = np.random.default_rng(seed)
    return all(sorted(permutation(n, rng)) == list(range(n)) for n in (5, 100, 5000))


def _batches(minibatches: Any, seed: int) -> bool:
    found = np.concatenate(minibatches(100, 2, np.random.default_rng(seed)))
    whole = minibatches(101, 2, np.random.default_rng(seed))
    return sorted(found) == list(range(100)) and len(whole) == 51


def _smoothed(loss: Any, seed: int) -> bool:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(1, 4, 2, generator=generator, dtype=torch.float64)
    y = torch.tensor([[-100, 1, 0, 1]])
    return bool(torch.allclose(loss(logits, y, 0.1), loss(logits[:, 1:], y[:, 1:], 0.1)))


def _noise(gaussian_noise: Any, seed: int) -> bool:
    drawn = gaussian_noise((100, 100), 4.0, np.random.default_rng(seed))
    return abs(float(drawn[:50].mean())) < 0.2 and abs(float(drawn.std()) - 4.0) < 0.3


_DOWN = "PyTorch test_optim, test_forloop_goes_right_direction"
_LESS = "20 steps on a sum of squares end below its start, with and without decay"
_OPINFO = "PyTorch test_unary_ufuncs, test_ops_gradients"
_SAME = "values are the reference's and gradients are those of finite differences"


def _init(law: str, variance: Callable[[int, int], float]) -> Theirs:
    asserts = "p > 1e-4 in a Kolmogorov-Smirnov test of one matrix of 20 to 25 rows and columns"
    return Theirs("PyTorch test_init", asserts, _law(law, variance))


THEIRS = {
    "dropout": Theirs(
        "PyTorch test_dropout, test_Dropout",
        "p = 0.2: mean of 1000 outputs and gradients within 0.05; layouts within 1.0; eval exact",
        _dropout,
    ),
    "channel_dropout": Theirs(
        "PyTorch test_dropout, test_Dropout1d to 3d",
        "mean within 0.05; each channel has none or all of its units; eval exact",
        _channels,
    ),
    "xavier_normal": _init("norm", lambda i, o: 2 / (i + o)),
    "xavier_uniform": _init("uniform", lambda i, o: 2 / (i + o)),
    "he_normal": _init("norm", lambda i, o: 2 / i),
    "he_uniform": _init("uniform", lambda i, o: 2 / i),
    "he_kernel": Theirs(
        "PyTorch test_init, test_kaiming_normal",
        "the same p-value for a matrix and a kernel of four axes",
        _kernel,
    ),
    "sgd": Theirs(_DOWN, _LESS, _goes_down(False, (0.0, 0.1))),
    "momentum_sgd": Theirs(_DOWN, _LESS, _goes_down(True, (0.0, 0.1))),
    "nesterov_sgd": Theirs(_DOWN, _LESS, _goes_down(True, (0.0, 0.1))),
    "adam": Theirs(_DOWN, _LESS, _goes_down(True, (0.0, 0.1))),
    "adamw": Theirs(_DOWN, _LESS, _goes_down(True, (0.0, 0.1))),
    "clip_gradient_norm": Theirs(
        "PyTorch test_nn, test_clip_grad_norm",
        "the norm before and after, one factor for all gradients, small ones unchanged",
        _clips,
    ),
    "relu": Theirs(_OPINFO, _SAME, _elementwise(torch.relu)),
    "sigmoid": Theirs(_OPINFO, _SAME, _elementwise(torch.sigmoid)),
    "tanh": Theirs(_OPINFO, _SAME, _elementwise(torch.tanh)),
    "smoothed_cross_entropy": Theirs(
        "PyTorch test_nn, test_cross_entropy_label_smoothing_weight_ignore_indices",
        "the loss with an ignored row is the loss of the others",
        _smoothed,
    ),
    "k_fold": Theirs(
        "scikit-learn test_split, test_kfold_balance, test_shuffle_kfold",
        "sizes differ by at most 1 and cover n = 11 to 16; no overlap; two shuffles differ",
        _folds,
    ),
    "stratified_k_fold": Theirs(
        "scikit-learn test_split, test_stratified_kfold_ratios, _balance",
        "shares of 10 %, 89 % and 1 % in every part within 0.02; no overlap; balanced sizes",
        _strata,
    ),
    "polynomial_features": Theirs(
        "scikit-learn test_polynomial, test_polynomial_features_one_feature",
        "the powers of 0 to 5 up to the third",
        _powers,
    ),
    "permutation": Theirs(
        "PyTorch test_tensor_creation_ops, test_randperm",
        "the result, sorted, is 0 to n - 1",
        _orders,
    ),
    "minibatches": Theirs(
        "PyTorch test_dataloader, test_shuffle_batch, test_len",
        "every example comes once; the number of batches",
        _batches,
    ),
    "gaussian_noise": Theirs(
        "PyTorch test_distributions of torch.normal",
        "mean within 0.2, deviation 4 within 0.3",
        _noise,
    ),
}
