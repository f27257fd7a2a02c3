"""The sentences that the synthetic records put on trial, as a table."""

from __future__ import annotations

from dataclasses import dataclass

INF = None
Zone = tuple[float | None, float | None]

SECTIONS = {
    "model-selection": ("Model Selection", "模型选择"),
    "polynomial": ("Polynomial Regression", "多项式回归"),
    "weight-decay": ("Weight Decay", "权重衰退"),
    "dropout": ("Dropout", "暂退法"),
    "stability": ("Numerical Stability and Initialization", "数值稳定性和模型初始化"),
}
STAYS = ((0.995, 1.005), ((INF, 0.99), (1.01, INF)))
MORE_OFTEN = ((0.9, 1.0), ((0.0, 0.5),))


@dataclass(frozen=True)
class Sentence:
    """One row: what is said, what was expected and what the record shows."""

    id: str
    section: str
    name: str
    en: str
    zh: str
    kind: str
    relation: tuple[str, str]
    zones: tuple[Zone, tuple[Zone, ...]]
    estimate: float
    width: float
    verdict: str = "CONFIRMED"
    expected: str = "CONFIRMED"
    formula: str | None = None
    why: tuple[str, str] | None = None
    condition: tuple[str, str] | None = None
    twin: str | None = None
    unit: str = ""
    pictures: tuple[str, ...] = ()
    mutants: tuple[tuple[str, str], ...] = ()

    @property
    def topic(self) -> str:
        """The claim file's name."""
        return self.section.replace("-", "_")

    @property
    def true_zone(self) -> Zone:
        """Where the sentence is true."""
        return self.zones[0]

    @property
    def false_zones(self) -> tuple[Zone, ...]:
        """Where it is false."""
        return self.zones[1]


MEAN_IS_ONE = ("the mean equals 1 within 0.01", "均值等于 1，误差不超过 0.01")
FIRST_MORE_OFTEN = ("happens in at least 90 % of runs", "在至少 90 % 的运行中发生")

SENTENCES = (
    Sentence(
        "ms-memoriser",
        "model-selection",
        "a_rote_learner_is_perfect_on_the_exam_it_has_seen",
        "A rote learner is perfect on the exam it has seen and guesses on a new one",
        "背题者在见过的考试上满分，在新考试上只能瞎猜",
        "identity",
        ("equal to the last bit", "逐位相等"),
        ((0.0, 1.0), ((1.0, INF),)),
        0.02,
        0.01,
        formula="acc_train = 1, acc_test = 1/K",
    ),
    Sentence(
        "kf-independent",
        "model-selection",
        "the_k_fold_errors_are_independent",
        "Each fold is trained afresh, so the fold errors are mutually independent",
        "每折重新训练，因此各折误差相互独立",
        "bounded equivalence",
        ("the correlation equals 0 within 0.05", "相关系数等于 0，误差不超过 0.05"),
        ((-0.025, 0.025), ((-1.0, -0.05), (0.05, 1.0))),
        0.137,
        0.02,
        verdict="REFUTED",
        expected="REFUTED",
        formula="corr(e_i, e_j) = 0",
        why=(
            "The training sets of two folds share (k - 2)/(k - 1) of their data.",
            "任意两折的训练集有 (k-2)/(k-1) 的数据相同。",
        ),
        twin="kf-independent.corrected",
    ),
    Sentence(
        "kf-independent.corrected",
        "model-selection",
        "the_k_fold_errors_are_positively_correlated",
        "Fold errors of an unstable learner are positively correlated",
        "不稳定学习器的各折误差正相关",
        "bounded mean",
        ("the correlation is at least 0.05", "相关系数至少为 0.05"),
        ((0.1, 1.0), ((-1.0, 0.05),)),
        0.137,
        0.02,
        formula="corr(e_i, e_j) > 0",
        condition=("least squares, n = 40, p = 10", "最小二乘，n = 40，p = 10"),
        mutants=(("k_fold", "validates_on_the_training_part"),),
    ),
    Sentence(
        "po-deg1-high",
        "polynomial",
        "a_linear_fit_of_a_cubic_underfits",
        "A linear function cannot fit a cubic: its training loss stays high",
        "线性函数无法拟合三次函数：训练损失居高不下",
        "bernoulli",
        FIRST_MORE_OFTEN,
        MORE_OFTEN,
        0.985,
        0.012,
        formula="P(train(1) > 100 train(3)) ≥ 0.9",
        pictures=("curves",),
        mutants=(("squared_loss", "is_always_zero"), ("polynomial_features", "drops_the_cube")),
    ),
    Sentence(
        "po-deg19-overfits",
        "polynomial",
        "a_high_degree_polynomial_overfits",
        "The degree-19 model overfits: closer to the training data, further from fresh data",
        "19 阶模型过拟合：离训练数据更近，离新数据更远",
        "bernoulli",
        FIRST_MORE_OFTEN,
        MORE_OFTEN,
        0.31,
        0.07,
        verdict="REFUTED",
        expected="REFUTED",
        why=(
            "Under the printed protocol it is limited by optimisation: features of high order "
            "carry no gradient, so training loss is above that of degree 3.",
            "按书中的训练方式，限制来自优化：高阶特征几乎没有梯度，训练损失反而高于三阶。",
        ),
        twin="po-deg19-overfits.corrected",
        pictures=("curves",),
    ),
    Sentence(
        "po-deg19-overfits.corrected",
        "polynomial",
        "an_exact_fit_of_high_degree_overfits",
        "The exact least-squares fit of degree 19 overfits",
        "19 阶的精确最小二乘拟合会过拟合",
        "bernoulli",
        FIRST_MORE_OFTEN,
        MORE_OFTEN,
        0.999,
        0.003,
        condition=("exact minimiser instead of SGD", "用精确解代替 SGD"),
        mutants=(("fit_least_squares", "ridges_in_secret"),),
    ),
    Sentence(
        "wd-norm-monotone",
        "weight-decay",
        "a_larger_penalty_shrinks_the_weights",
        "The larger λ, the smaller ‖w‖",
        "λ 越大，‖w‖ 越小",
        "bernoulli",
        FIRST_MORE_OFTEN,
        MORE_OFTEN,
        0.999,
        0.004,
        formula="d‖w(λ)‖/dλ < 0",
        pictures=("curves", "histogram"),
        mutants=(("l2_penalty", "forgets_the_half"), ("sgd", "decays_twice")),
    ),
    Sentence(
        "wd-sparser",
        "weight-decay",
        "the_l2_penalty_makes_parameters_sparser",
        "The L2 penalty makes the parameters sparser",
        "L2 惩罚使参数更稀疏",
        "bounded mean",
        ("the mean of Hoyer's sparsity gains at least 0.01", "Hoyer 稀疏度平均至少增加 0.01"),
        ((0.01, 1.0), ((-1.0, 0.005),)),
        -0.0002,
        0.0004,
        verdict="REFUTED",
        expected="REFUTED",
        why=(
            "It shrinks all coordinates; the shape of the vector stays.",
            "它收缩所有坐标，向量的形状不变。",
        ),
        twin="wd-norm-monotone",
    ),
    Sentence(
        "do-unbiased",
        "dropout",
        "dropout_preserves_the_expectation",
        "Dropout preserves the expectation: E[h'] = h",
        "丢弃法不改变期望：E[h'] = h",
        "bounded equivalence",
        MEAN_IS_ONE,
        STAYS,
        1.0003,
        0.0021,
        formula="E[h'] = h",
        unit="h' / h",
        mutants=(("dropout", "forgets_to_rescale"), ("dropout", "rescales_by_p")),
    ),
    Sentence(
        "do-variance",
        "dropout",
        "dropout_adds_variance_p_over_one_minus_p",
        "Dropout adds variance h² p/(1 − p)",
        "丢弃法带来方差 h² p/(1 − p)",
        "chi-squared",
        ("the variance ratio equals 1 within 5 %", "方差比等于 1，误差不超过 5 %"),
        ((0.976, 1.025), ((0.0, 0.952), (1.05, INF))),
        1.031,
        0.03,
        verdict="UNDECIDED",
        formula="Var(h') = h² p/(1 − p)",
    ),
    Sentence(
        "do-coadaptation",
        "dropout",
        "dropout_breaks_co_adaptation",
        "Dropout breaks up co-adaptation between hidden units",
        "暂退法打破隐藏单元之间的共适应",
        "bernoulli",
        FIRST_MORE_OFTEN,
        MORE_OFTEN,
        0.62,
        0.2,
        verdict="ERROR",
    ),
    Sentence(
        "in-xavier-forward",
        "stability",
        "xavier_keeps_the_variance_of_the_outputs",
        "Xavier initialisation keeps the variance of the outputs stable",
        "Xavier 初始化使输出的方差保持稳定",
        "chi-squared",
        ("the variance ratio equals 1 within 5 %", "方差比等于 1，误差不超过 5 %"),
        ((0.976, 1.025), ((0.0, 0.952), (1.05, INF))),
        0.72,
        0.05,
        verdict="REFUTED",
        formula="n_in σ² = 1",
        pictures=("curves", "histogram"),
        mutants=(("xavier_uniform", "uses_the_fan_in_alone"),),
    ),
)
