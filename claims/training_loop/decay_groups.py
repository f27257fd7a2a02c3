"""Which parameters decay: every trained one in one group, weights alone with a decay."""

import numpy as np
from hypothesis import strategies as st

from claims.training_loop.experiments import named_nets
from harness.declaration.claim import claim
from harness.declaration.relations import always_true
from harness.declaration.strategies import penalties
from harness.metrics import arrays


@claim(
    "tl-groups",
    "Every parameter that is trained is in one group and once; weights decay, biases and gains do "
    "not, whatever they are called",
    "每个被训练的参数恰好在一个组里出现一次；权重会衰减，偏置和增益则不衰减，与名称无关",
    source='d2l, "Weight Decay", "Concise Implementation": the bias parameter b will not decay',
    formula="{w trained} = G_λ ⊎ G_0,  weights in G_λ, biases and gains in G_0",
    given={
        "parts": st.lists(
            st.sampled_from(named_nets.PARTS), min_size=1, max_size=6, unique=True
        ).filter(lambda parts: parts != ["frozen"]),
        "weight_decay": penalties(),
    },
    always=(
        {"parts": list(named_nets.PARTS), "weight_decay": 0.1},
        {"parts": ["plain"], "weight_decay": 0.1},
        {"parts": ["own", "frozen"], "weight_decay": 0.1},
        {"parts": ["tied"], "weight_decay": 0.1},
    ),
    holds=always_true(),
)
def weights_alone_decay(decay_groups, parts, weight_decay):
    net, decaying, spared = named_nets.net_of(parts, 4)
    modes = [module.training for module in net.modules()]
    groups = decay_groups(net, weight_decay)

    rates: dict[int, list[float]] = {}
    for group in groups:
        for w in group["params"]:
            rates.setdefault(id(w), []).append(float(group["weight_decay"]))
    trained = [w for w in net.parameters() if w.requires_grad]
    right = [
        *(rates.get(id(w)) == [weight_decay] for w in decaying),
        *(rates.get(id(w)) == [0.0] for w in spared),
        len(rates) == len(trained),
        *(w.requires_grad == trains for w, trains in _frozen(net)),
        [module.training for module in net.modules()] == modes,
    ]
    return arrays.truth(np.array(right))


def _frozen(net):
    """Every parameter, and whether it is to be trained."""
    return [(w, not name.startswith("pretrained")) for name, w in net.named_parameters()]
