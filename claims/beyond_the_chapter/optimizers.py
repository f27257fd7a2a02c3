"""Optimisers with memory, step by step: momentum, Nesterov's momentum, Adam and AdamW.

In the book's symbols: η is the step's own rate, λ the decay, μ the momentum. Parameters of two
dtypes stand side by side (or all are float32, for optimisers of that dtype alone), one of them
without decay, two of one shape, and η changes from step to step.
"""

import numpy as np
from hypothesis import strategies as st

from claims.beyond_the_chapter.experiments import optimizer_steps
from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import learning_rates, penalties
from harness.metrics import gradient_steps as steps

CONCISE = 'd2l, "Weight Decay", "Concise Implementation": decay is part of the optimizer; '
SHAPES = ((5, 4), (7,), (1, 3, 6), (7,))

SCHEDULES = {
    "rates": st.lists(learning_rates(), min_size=3, max_size=5),
    "weight_decay": st.one_of(penalties(), st.just(0.0)),  # some optimisers have no decay
    "dtypes": st.sampled_from(
        [
            ["float64", "float64", "float64", "float64"],
            ["float32", "float64", "float32", "float64"],
            ["float64", "float32", "float64", "float32"],
            ["float32", "float32", "float32", "float32"],
        ]
    ),
}
ALWAYS = tuple(
    {
        "rates": [0.1, 0.01, 0.3, 0.3],
        "weight_decay": decay,
        "dtypes": ["float32", other, "float32", other],
    }
    for other in ("float64", "float32")
    for decay in (0.0, 0.3)
)
WITH_BOTH_DECAYS = tuple(
    {**setting, "decoupled": decoupled} for setting in ALWAYS for decoupled in (False, True)
)
DECOUPLED = st.booleans()
MOMENTUM = st.sampled_from([0.9, 0.5])
MEMORY = {
    "betas": st.sampled_from([[0.9, 0.999], [0.9, 0.95], [0.5, 0.9], [0.0, 0.9]]),
    "eps": st.sampled_from([1e-8, 1e-4, 0.1]),
}
OTHER = (
    {"betas": [0.9, 0.95], "eps": 1e-8},
    {"betas": [0.9, 0.999], "eps": 1e-3},
    {"betas": [0.0, 0.9], "eps": 1e-8},
)


@claim(
    "wd-update.momentum",
    "With momentum w moves by -ηv, v ← μv + g, whatever the schedule, the decay and the dtypes",
    "使用动量时 w 每步移动 -ηv，v ← μv + g，与学习率调度、衰减方式和数据类型无关",
    source=CONCISE + "Sutskever et al. 2013",
    formula="v ← μ v + g,  w ← w - η v",
    given={**SCHEDULES, "decoupled": DECOUPLED, "momentum": MOMENTUM},
    always=tuple({**setting, "momentum": 0.9} for setting in WITH_BOTH_DECAYS),
    holds=exactly_equal(),
)
def momentum_follows_its_recurrence(
    momentum_sgd, rates, weight_decay, dtypes, decoupled, momentum, stream, device
):
    options = {"momentum": momentum, "weight_decay": weight_decay, "decoupled": decoupled}
    make = optimizer_steps.memory_of("momentum", momentum)
    return _against(momentum_sgd, make, rates, dtypes, options, stream, device)


@claim(
    "wd-update.nesterov",
    "Nesterov's momentum looks ahead: w moves by -η (g + μv), v ← μv + g, with λw in g, or taken "
    "off w beside it, for every parameter that decays",
    "Nesterov 动量向前看一步：w 移动 -η (g + μv)，v ← μv + g；"
    "凡要衰减的参数，λw 或计入 g，或另从 w 中减去",
    source=CONCISE + "Sutskever et al. 2013; Bengio et al. 2013",
    formula="v ← μ v + g,  w ← w - η (g + μ v);  coupled: λw in g, decoupled: -ηλw beside",
    given={**SCHEDULES, "decoupled": DECOUPLED, "momentum": MOMENTUM},
    always=tuple({**setting, "momentum": 0.9} for setting in WITH_BOTH_DECAYS),
    holds=exactly_equal(),
)
def nesterov_looks_ahead(
    nesterov_sgd, rates, weight_decay, dtypes, decoupled, momentum, stream, device
):
    options = {"momentum": momentum, "weight_decay": weight_decay, "decoupled": decoupled}
    make = optimizer_steps.memory_of("nesterov", momentum)
    return _against(nesterov_sgd, make, rates, dtypes, options, stream, device)


@claim(
    "wd-update.adam",
    "Adam's step is η m̂ / (√v̂ + ε), whatever the schedule, the decay and the dtypes",
    "Adam 的每一步为 η m̂ / (√v̂ + ε)，与学习率调度、衰减方式和数据类型无关",
    source=CONCISE + "Kingma and Ba 2015, Algorithm 1",
    formula="w ← w - η m̂ / (√v̂ + ε)",
    given={**SCHEDULES, "decoupled": DECOUPLED},
    always=WITH_BOTH_DECAYS,
    holds=exactly_equal(),
)
def adam_follows_its_recurrence(adam, rates, weight_decay, dtypes, decoupled, stream, device):
    options = {"weight_decay": weight_decay, "decoupled": decoupled}
    make = optimizer_steps.memory_of("adam", 0.0)
    return _against(adam, make, rates, dtypes, options, stream, device)


@claim(
    "wd-update.adamw",
    "AdamW's step is Adam's, and beside it w loses ηλw: for every parameter once, of any dtype",
    "AdamW 的每一步等于 Adam 的一步再减去 ηλw：每个参数恰好一次，与数据类型无关",
    source=CONCISE + "Loshchilov and Hutter 2019, Algorithm 2",
    formula="w ← (1 - ηλ) w - η m̂ / (√v̂ + ε)",
    given=SCHEDULES,
    always=ALWAYS,
    holds=exactly_equal(),
)
def adamw_follows_its_recurrence(adamw, rates, weight_decay, dtypes, stream, device):
    make = optimizer_steps.memory_of("adam", 0.0)
    options = {"weight_decay": weight_decay}
    return _against(adamw, make, rates, dtypes, options, stream, device, decoupled=True)


@claim(
    "wd-update.adam-options",
    "Adam remembers as long as its betas say, and adds to the root the ε that it is given",
    "Adam 的记忆长度由给定的 β 决定，与平方根相加的是给定的 ε",
    source=CONCISE + "Kingma and Ba 2015, Algorithm 1",
    formula="w ← w - η m̂ / (√v̂ + ε)",
    given={**SCHEDULES, **MEMORY, "decoupled": DECOUPLED},
    always=tuple({**setting, **other} for setting in WITH_BOTH_DECAYS[:2] for other in OTHER),
    holds=exactly_equal(),
)
def adam_takes_its_betas_and_eps(
    adam, rates, weight_decay, dtypes, decoupled, betas, eps, stream, device
):
    options = {"weight_decay": weight_decay, "decoupled": decoupled, "betas": tuple(betas)}
    make = optimizer_steps.memory_of("adam", 0.0, tuple(betas), eps)
    return _against(adam, make, rates, dtypes, options | {"eps": eps}, stream, device)


@claim(
    "wd-update.adamw-options",
    "AdamW remembers as long as its betas say, and adds to the root the ε that it is given",
    "AdamW 的记忆长度由给定的 β 决定，与平方根相加的是给定的 ε",
    source=CONCISE + "Loshchilov and Hutter 2019, Algorithm 2",
    formula="w ← (1 - ηλ) w - η m̂ / (√v̂ + ε)",
    given={**SCHEDULES, **MEMORY},
    always=tuple({**setting, **other} for setting in ALWAYS[:1] for other in OTHER),
    holds=exactly_equal(),
)
def adamw_takes_its_betas_and_eps(adamw, rates, weight_decay, dtypes, betas, eps, stream, device):
    options = {"weight_decay": weight_decay, "betas": tuple(betas), "eps": eps}
    make = optimizer_steps.memory_of("adam", 0.0, tuple(betas), eps)
    return _against(adamw, make, rates, dtypes, options, stream, device, decoupled=True)


@claim(
    "wd-update.adamw.default",
    "AdamW that is told nothing but the rate decays every parameter, with λ = 0.01",
    "只给学习率时，AdamW 以 λ = 0.01 衰减每个参数",
    source=CONCISE + "Loshchilov and Hutter 2019; the default of torch.optim.AdamW",
    formula="w ← (1 - 0.01 η) w - η m̂ / (√v̂ + 1e-8),  β = (0.9, 0.999)",
    given={"rates": SCHEDULES["rates"], "dtypes": SCHEDULES["dtypes"]},
    always=({"rates": [0.3, 0.1, 0.3], "dtypes": ["float32"] * 4},),
    holds=exactly_equal(),
)
def adamw_decays_by_default(adamw, rates, dtypes, stream, device):
    def step(params, grads, state, lr, **told):
        return adamw(params, grads, state, lr)

    make, options = optimizer_steps.memory_of("adam", 0.0), {"weight_decay": 0.01}
    return _against(step, make, rates, dtypes, options, stream, device, decoupled=True, spared=())


@claim(
    "wd-update.momentum-edges",
    "Momentum of 0 is plain descent, and two runs side by side keep their memories apart",
    "动量为 0 时就是普通的梯度下降；同时进行的两次训练，动量状态互不混用",
    source=CONCISE + "Sutskever et al. 2013",
    formula="μ = 0:  w ← w - η g;  v of one run is no other's",
    always=({"rates": [0.1, 0.3, 0.01]},),
    holds=exactly_equal(),
)
def momentum_at_its_edges(momentum_sgd, rates, stream, device):
    return _side_by_side(momentum_sgd, "momentum", (0.0, 0.9), rates, stream, device)


@claim(
    "wd-update.nesterov-edges",
    "Two runs of Nesterov's momentum side by side keep their memories apart",
    "同时进行的两次 Nesterov 动量训练，记忆互不混用",
    source=CONCISE + "Sutskever et al. 2013",
    formula="v of one run is no other's",
    always=({"rates": [0.1, 0.3, 0.01]},),
    holds=exactly_equal(),
)
def nesterov_at_its_edges(nesterov_sgd, rates, stream, device):
    return _side_by_side(nesterov_sgd, "nesterov", (0.5, 0.9), rates, stream, device)


def _side_by_side(step, name, momenta, rates, stream, device):
    """Ratios of two runs whose steps take turns, each with a momentum of its own."""
    dtypes, found = ["float64"], []
    params = [[steps.normal(stream.child("w", run), (3, 4), "float64", device)] for run in (0, 1)]
    memories = [[optimizer_steps.memory_of(name, momentum)()] for momentum in momenta]
    states = [None, None]
    for t, lr in enumerate(rates):
        for run, momentum in enumerate(momenta):
            g = [steps.normal(stream.child("g", t, run), (3, 4), "float64", device)]
            stepped, states[run] = step(params[run], g, states[run], lr, momentum=momentum)
            w, slope, moved = (
                [steps.wide(one) for one in part] for part in (params[run], g, stepped)
            )
            found += optimizer_steps.ratios(
                memories[run], w, slope, moved, [0.0], lr, False, dtypes
            )
            params[run] = stepped
    return np.concatenate(found)


def _against(step, make, rates, dtypes, options, stream, device, **given):
    """Ratios error / bound of steps under a schedule; one of two of a shape never decays.

    Gradients are zeroed after each step, as training loops do.
    """
    decoupled = options.get("decoupled", given.get("decoupled"))
    decays = [i not in given.get("spared", (1,)) for i in range(len(SHAPES))]
    own = [options["weight_decay"] if decay else 0.0 for decay in decays]
    params = [
        steps.normal(stream.child("w", i), shape, dtype, device)
        for i, (shape, dtype) in enumerate(zip(SHAPES, dtypes, strict=True))
    ]
    memories = [make() for _ in params]
    state, found = None, []
    for t, lr in enumerate(rates):
        grads = [
            steps.normal(stream.child("g", t, i), shape, dtype, device)
            for i, (shape, dtype) in enumerate(zip(SHAPES, dtypes, strict=True))
        ]
        if t == 1:
            grads[0].zero_()  # a gradient of 0 is one: the memory moves on, and the decay
        stepped, state = step(params, grads, state, lr, decays=decays, **options)
        w, g, moved = ([steps.wide(one) for one in part] for part in (params, grads, stepped))
        found += optimizer_steps.ratios(memories, w, g, moved, own, lr, decoupled, dtypes)
        params = stepped
        for gradient in grads:
            gradient.zero_()
    return np.concatenate(found)
