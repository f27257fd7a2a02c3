"""What a claim may say holds: a relation in words, and the statistical test of it.

A relation's name reads after "holds": the observation that each one expects is in its docstring.
Where a number depends on the setting, give a function whose arguments are named as the setting's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from harness.declaration.numbers import Number, Setting, arguments, at, functions, written
from harness.statistics.evidence import StatisticalTest
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.binomial import RateTest
from harness.statistics.tests.bounded import BoundedEquivalenceTest, BoundedMeanTest
from harness.statistics.tests.composite import AllOf
from harness.statistics.tests.distribution import KolmogorovTest
from harness.statistics.tests.identity import IdentityTest
from harness.statistics.tests.independence import PairwiseIndependenceTest
from harness.statistics.tests.variance import GaussianVarianceTest, UniformVarianceTest
from harness.text import Text, named

# Of a margin, the part in which a claim still counts as true where the law is known to be exact:
# room for the lattice of float32 draws. Half of the margin would need three times the sample.
INSIDE = 0.1
EVENT = Text("it", "该事件")
CALL = 64  # draws that show a call that keeps nothing, repeats itself or leaves the support


@dataclass(frozen=True)
class Relation:
    """A relation between what is measured and what the sentence says."""

    words: Text
    test: Callable[[Setting], StatisticalTest]
    unit: str = ""
    kind: str = ""
    """The sort of relation, by which a claim's card says what would make it fail."""
    instance: int = 0
    """Replicates that show one instance to be grossly wrong; 0 if the sentence is not universal."""
    parts: Mapping[str, Relation] = field(default_factory=dict)
    functions: tuple[Callable[..., float], ...] = ()
    """The numbers that its words call f(...), in their order."""


def probability_above(
    bound: Number = 0.5,
    expected: Number = 0.9,
    *,
    cap: int | None = None,
    of: Text = EVENT,
) -> Relation:
    """P(event) > bound, told from P >= expected; observe a boolean per replicate (n,)."""
    return Relation(
        Text(
            f"{of.en} happens with probability above {written(bound)} "
            f"(expected: at least {written(expected)})",
            f"{of.zh}的概率大于 {written(bound)}（预期至少 {written(expected)}）",
        ),
        lambda s: BernoulliTest(at(bound, s), at(expected, s), cap=cap),
        unit="probability",
        kind="probability above",
        functions=functions(bound, expected),
    )


def probability_below(
    bound: Number = 0.5,
    expected: Number = 0.1,
    *,
    cap: int | None = None,
    of: Text = EVENT,
) -> Relation:
    """P(event) < bound, told from P <= expected; observe a boolean per replicate (n,)."""
    return Relation(
        Text(
            f"{of.en} happens with probability below {written(bound)} "
            f"(expected: at most {written(expected)})",
            f"{of.zh}的概率小于 {written(bound)}（预期至多 {written(expected)}）",
        ),
        lambda s: BernoulliTest(at(bound, s), at(expected, s), cap=cap, direction="below"),
        unit="probability",
        kind="probability below",
        functions=functions(bound, expected),
    )


def more_often_than_not(
    en: str = "what the sentence says",
    zh: str | None = None,
    *,
    margin: float = 0.4,
    cap: int | None = None,
) -> Relation:
    """P(event) > 1/2, told from P >= 1/2 + margin; observe a boolean per replicate (n,).

    The event may be said in both languages where the sentence does not say it itself.
    """
    event = "句中所述情形发生" if zh is None else f"“{zh}”"
    return probability_above(0.5, 0.5 + margin, cap=cap, of=Text(en, event))


def mean_above(
    null: Number, alternative: Number, *, low: float, high: float, cap: int | None = None
) -> Relation:
    """E[value] > null, told from >= alternative; observe floats (n,) within [low, high]."""
    return Relation(
        Text(
            f"the mean is above {written(null)} (expected: at least {written(alternative)})",
            f"均值大于 {written(null)}（预期至少 {written(alternative)}）",
        ),
        lambda s: BoundedMeanTest(
            low, high, null=at(null, s), alternative=at(alternative, s), cap=cap
        ),
        unit="mean",
        kind="mean above",
        functions=functions(null, alternative),
    )


def mean_below(
    null: Number, alternative: Number, *, low: float, high: float, cap: int | None = None
) -> Relation:
    """E[value] < null, told from <= alternative; observe floats (n,) within [low, high]."""
    relation = mean_above(null, alternative, low=low, high=high, cap=cap)
    return Relation(
        Text(
            f"the mean is below {written(null)} (expected: at most {written(alternative)})",
            f"均值小于 {written(null)}（预期至多 {written(alternative)}）",
        ),
        relation.test,
        unit="mean",
        kind="mean below",
        functions=functions(null, alternative),
    )


def mean_equals(
    target: Number, *, within: Number, low: float, high: float, cap: int | None = None
) -> Relation:
    """|E[value] - target| < within; observe floats (n,) within [low, high]."""
    return Relation(
        Text(
            f"the mean equals {written(target)} within {written(within)}",
            f"均值等于 {written(target)}，误差不超过 {written(within)}",
        ),
        lambda s: BoundedEquivalenceTest(
            low, high, target=at(target, s), within=at(within, s), cap=cap
        ),
        unit="mean",
        kind="mean",
        functions=functions(target, within),
        instance=CALL,
    )


def rate_equals(rate: Number, *, within: Number, inside: float = INSIDE) -> Relation:
    """|P(event) - rate| < within, exact binomial; observe (successes, trials) or booleans (n,).

    True up to `inside` * within: room for the lattice of float32 uniforms, and for nothing else.
    """
    return Relation(
        Text(
            f"the rate equals {written(rate)} within {written(within)}",
            f"频率等于 {written(rate)}，误差不超过 {written(within)}",
        ),
        lambda s: RateTest(at(rate, s), within=at(within, s), inside=inside),
        unit="rate",
        kind="rate",
        functions=functions(rate, within),
        instance=CALL,
    )


def variance_equals(*, ratio: float = 1.05) -> Relation:
    """Var / stated variance is 1 within the ratio, for values that are exactly Gaussian.

    Observe (sum of squares / stated variance, degrees of freedom): it is chi-squared.
    """
    return Relation(
        Text(
            f"the variance equals the stated one within a factor of {ratio:g}",
            f"方差与所述值之比在 {ratio:g} 倍以内",
        ),
        lambda s: GaussianVarianceTest(ratio, INSIDE),
        unit="variance ratio",
        kind="variance",
        instance=CALL,
    )


def uniform_variance_equals(*, ratio: float = 1.05) -> Relation:
    """Values are uniform on [-a, a]: no |w| > a, and E[(w/a)^2] = 1/3 within the ratio.

    Observe w / a, any shape.
    """
    return Relation(
        Text(
            "no value leaves the stated bound, and the variance equals bound^2 / 3 "
            f"within a factor of {ratio:g}",
            f"所有值不越界，且方差等于界的平方除以 3（{ratio:g} 倍以内）",
        ),
        lambda s: UniformVarianceTest(ratio, INSIDE),
        unit="variance ratio",
        kind="uniform variance",
        instance=CALL,
    )


def distribution_equals(law: str | Text, *, within: float = 0.01) -> Relation:
    """Kolmogorov distance to the law below `within`; observe u = F(x) in [0, 1], any shape."""
    named = Text(law, f" {law}") if isinstance(law, str) else law
    return Relation(
        Text(
            f"the distribution is {named.en} within a Kolmogorov distance of {within:g}",
            f"服从{named.zh}（Kolmogorov 距离 {within:g} 以内）",
        ),
        lambda s: KolmogorovTest(within=within, inside=INSIDE),
        unit="Kolmogorov distance",
        kind="law",
        instance=CALL,
    )


def pairwise_independent(
    rate: Number, *, within: Number, labels: tuple[str, ...] | Callable[..., tuple[str, ...]]
) -> Relation:
    """Pairs of bits of this rate agree as often as independent ones would.

    Observe {label: (agreements, pairs)}; the labels may be a function of the setting.
    """

    def test(setting: Setting) -> StatisticalTest:
        named = labels
        if callable(named):
            named = named(**{name: setting[name] for name in arguments(named)})
        return PairwiseIndependenceTest(at(rate, setting), at(within, setting), named)

    return Relation(
        Text(
            f"pairs agree with the probability of independent ones within {written(within)}",
            f"成对一致的概率与独立时相同（误差 {written(within)} 以内）",
        ),
        test,
        unit="agreement",
        kind="independence",
        functions=functions(within),
        instance=CALL,
    )


def exactly_equal() -> Relation:
    """An identity up to rounding; observe |error| / derived bound, any shape (<= 1 is equal)."""
    return Relation(
        Text(
            "both sides are equal up to the derived rounding error",
            "两边在推导出的舍入误差内相等",
        ),
        lambda s: IdentityTest(),
        unit="error / bound",
        kind="identity",
        instance=1,
    )


def always_true() -> Relation:
    """A statement without noise that no instance breaks; observe `arrays.truth(...)` or ratios."""
    return replace(
        exactly_equal(),
        words=Text(
            "it holds in every instance, up to the derived rounding error",
            "在每个实例中都成立（至多相差推导出的舍入误差）",
        ),
        kind="every instance",
    )


def one_run_within(allowance: Text) -> Relation:
    """Two runs that algebra says are one; observe |difference| / allowance (<= 1 is one run).

    The allowance is measured on the run and is no bound that anybody derived: say of what it is.
    """
    return replace(
        exactly_equal(),
        words=Text(
            f"both runs differ by at most {allowance.en}: it is measured, not derived",
            f"两次训练相差不超过{allowance.zh}：此界为实测，并非推导",
        ),
        unit="difference / allowance",
        kind="one run",
    )


def all_hold(**relations: Relation) -> Relation:
    """Every named relation holds; observe {name: observation} (an intersection-union test)."""
    told = [(named(name.replace("_", " ")), r.words) for name, r in relations.items()]
    return Relation(
        Text(
            "; and ".join(f"{name.en}: {words.en}" for name, words in told),
            "；且".join(f"{name.zh}：{words.zh}" for name, words in told),
        ),
        lambda s: AllOf.of(**{name: relation.test(s) for name, relation in relations.items()}),
        instance=max(relation.instance for relation in relations.values()),
        parts=relations,
        functions=sum((relation.functions for relation in relations.values()), ()),
    )


def inside_the_law(
    bound: float = 1e-6, expected: float = 1e-3, *, cap: int | None = None
) -> Relation:
    """A printed figure lies inside the law of its protocol: both tails beyond it have weight.

    Each tail's probability is above `bound`, told from at least `expected`.
    Observe {"below": figure >= replicate, "above": figure <= replicate}, booleans (n,).
    It can only say that the figure is not refuted: many laws hold a figure.
    """
    tail = probability_above(
        bound, expected, cap=cap, of=Text("a replicate beyond the figure", "一次重复超出该数值")
    )
    both = all_hold(below=tail, above=tail)
    return Relation(
        Text(
            f"the printed figure is inside the simulated law: "
            f"each tail beyond it is above {bound:g}",
            f"书中印出的数值位于模拟分布之内：两侧尾概率均大于 {bound:g}",
        ),
        both.test,
        kind="printed figure",
        parts=both.parts,
    )
