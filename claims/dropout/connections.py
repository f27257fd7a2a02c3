"""Dropping weights instead of units (DropConnect), and what that does to the layer above.

z' = W h' or W' h, of two units above with positive weights; a dropped number is 0 with probability
p and divided by 1 - p otherwise. Disturbances z' - z are in their deviations s_i, the same for
both: s_i² = p/(1-p) Σ_j w_ij² h_j².
"""

import math

from harness.declaration.claim import claim
from harness.declaration.relations import all_hold, mean_equals
from harness.declaration.strategies import counts, drop_probabilities
from harness.metrics import arrays

SOURCE = (
    'd2l, "Dropout", "Exercises": what happens if we apply dropout to the individual weights of '
    "the weight matrix rather than the activations"
)
GIVEN = {"p": drop_probabilities(0.2, 0.8), "units": counts(4, 16)}
# |z' - z| <= max(1, p/(1-p)) Σ|w h|, which is at most √units max(√(p/(1-p)), √((1-p)/p)) s.
FURTHEST = math.sqrt(16) * 2
MOMENT = mean_equals(0.0, within=0.1, low=-(FURTHEST**2), high=FURTHEST**2, cap=1 << 19)


@claim(
    "do-layer-expectation.weights",
    "Dropping weights instead of units leaves the expectation of the next layer's input unchanged, "
    "too, and disturbs it as much",
    "丢弃权重而不是单元时，下一层输入的期望同样不变，受到的扰动也一样大",
    source=SOURCE,
    formula="E[W'h] = Wh,  Var[(W'h)_i] = p/(1-p) Σ_j w_ij² h_j² = Var[(Wh')_i]",
    given=GIVEN,
    holds=all_hold(
        mean=mean_equals(0.0, within=0.1, low=-FURTHEST, high=FURTHEST, cap=1 << 19),
        weights=MOMENT,
        units=MOMENT,
    ),
)
def dropped_weights_disturb_as_dropped_units_do(dropout, p, units, replicates, stream, device):
    by_units, by_weights, _ = _disturbances(dropout, p, units, replicates, stream, device)
    return {
        "mean": by_weights[:, 0],
        "weights": by_weights[:, 0] ** 2 - 1,
        "units": by_units[:, 0] ** 2 - 1,
    }


@claim(
    "do-layer-expectation.weights-apart",
    "Dropped units disturb all units above together, dropped weights each on its own",
    "丢弃单元使下一层的各单元一同受扰动，丢弃权重则使它们各自独立地受扰动",
    source=SOURCE,
    formula="Cov[(Wh')_1, (Wh')_2] = p/(1-p) Σ_j w_1j w_2j h_j²,  Cov[(W'h)_1, (W'h)_2] = 0",
    given=GIVEN,
    holds=all_hold(units=MOMENT, weights=MOMENT),
)
def dropped_weights_disturb_each_unit_alone(dropout, p, units, replicates, stream, device):
    by_units, by_weights, together = _disturbances(dropout, p, units, replicates, stream, device)
    return {"units": by_units.prod(axis=1) - together, "weights": by_weights.prod(axis=1)}


def _disturbances(dropout, p, units, replicates, stream, device):
    """(z' - z) / s (R, 2) by dropped units and by dropped weights, and the former's correlation."""
    import torch

    generator = stream.child("net").torch(device)
    options = {"generator": generator, "device": device, "dtype": torch.float64}
    h, W = torch.randn(units, **options), torch.randn(2, units, **options).abs()
    deviations = ((W * h).square().sum(dim=1) * p / (1 - p)).sqrt()
    masks = [stream.child(name).torch(device) for name in ("units", "weights")]
    units_dropped = dropout(h.expand(replicates, units).contiguous(), p, masks[0]) @ W.T
    weights_dropped = dropout(W.expand(replicates, 2, units).contiguous(), p, masks[1]) @ h
    found = [
        arrays.as_array((z - W @ h) / deviations).clip(-FURTHEST, FURTHEST)
        for z in (units_dropped, weights_dropped)
    ]
    together = float((W.prod(dim=0) * h.square()).sum() * p / (1 - p) / deviations.prod())
    return *found, together
