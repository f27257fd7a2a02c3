"""The Chinese of what tables of other commands say in English: titles, columns, cells, paragraphs.

A table may bring its own (`title_zh`, `columns_zh`, `text_zh`); what is not known stays English.
A paragraph's `{}` stands for anything, such as a figure, and is put where the Chinese has it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence

from harness.text import Text

TITLES: Mapping[str, str] = {
    "efficiency": "百万分之一错误率下的期望重复次数",
    "end-to-end": "每种关系在其边界上：从论断到判定",
    "exact": "伯努利检验的精确操作特性",
    "importance": "用重要性抽样测得的错误判定率",
    "replication": "随机流的可复现性与独立性",
    "fuzz": "恶意输入",
    "kills": "在随机时刻以 kill -9 结束进程",
    "portability": "同一盐在其他版本上的结果",
}
COLUMNS: Mapping[str, str] = {
    "remark": "备注",
    "A/A floor": "A/A 底噪",
    "Hoeffding": "霍夫丁",
    "P(CONFIRMED)": "P(成立)",
    "P(REFUTED)": "P(被推翻)",
    "P(UNDECIDED)": "P(未决)",
    "TFP DKWM": "TFP 的 DKWM",
    "a million": "达到一百万",
    "accepted": "已接受",
    "against": "对比对象",
    "as expected": "与预期相符",
    "asserts": "断言内容",
    "at most 0.05": "不超过 0.05",
    "at most nominal": "不超过名义值",
    "bar": "标准",
    "benchmark": "基准",
    "block": "块",
    "bound": "下界",
    "by chance": "偶然概率",
    "cap": "上限",
    "case": "情形",
    "check": "检查",
    "claims": "论断数",
    "confirmed": "成立",
    "crashes": "崩溃",
    "digests that differ": "不同的摘要",
    "edge": "边界",
    "eps": "ε",
    "eps / margin": "ε / 界限",
    "equal digests": "摘要相同",
    "equal settings": "设置相同",
    "equal verdicts": "判定相同",
    "errors": "出错",
    "exact": "精确值",
    "exact rate": "精确率",
    "examinations": "审理次数",
    "expected": "期望",
    "expected / bound": "期望 / 下界",
    "expected replicates": "期望重复次数",
    "fault": "错误",
    "faults": "错误数",
    "findings": "发现",
    "fixed exact": "固定样本精确检验",
    "found": "测得",
    "framework": "框架",
    "holds": "达标",
    "in blocks of 8": "按 8 个一块",
    "inputs": "输入数",
    "inputs a second": "每秒输入数",
    "killed by": "由谁查出",
    "kills": "结束次数",
    "kind": "检验方法",
    "how they differ": "如何不同",
    "limit": "限值",
    "limit or count": "限值或计数",
    "measured": "测得",
    "met": "达到",
    "missed by": "漏过者",
    "mutant": "变异体",
    "mutants": "变异体",
    "mutants caught": "查出的变异体",
    "needs": "所需",
    "nominal": "名义值",
    "object": "对象",
    "of nominal": "与名义值之比",
    "other than here": "与此处不同",
    "pairs": "对数",
    "primitive": "原语",
    "processes": "进程数",
    "processor seconds": "处理器秒数",
    "rate": "率",
    "ratio, 95 % interval": "比值，95% 区间",
    "reached, 95 % interval": "达到，95% 区间",
    "reader": "读取器",
    "refuted": "被推翻",
    "refuted by": "由谁推翻",
    "relation": "关系",
    "role": "角色",
    "row": "行",
    "runs brought to their end": "跑到结束的次数",
    "salts": "盐数",
    "sample": "样本",
    "should reach": "应达到",
    "seconds": "秒",
    "smallest sample": "最小样本",
    "standard error": "标准误",
    "test": "测试",
    "truth": "真值",
    "undecided": "未决",
    "unnoticed by their test": "其测试未察觉的",
    "verdict": "判定",
    "verdicts that differ": "不同的判定",
    "versions": "版本",
    "what": "内容",
    "where": "位置",
    "while claims ran": "论断运行期间",
    "workload": "工作负载",
    "wrong": "错误",
    "wrong verdict": "错误判定",
}
NAMELESS = "remark"  # what a column without a name is called
CELLS: Mapping[str, str] = {
    "margin": "界限",
    "yes": "是",
    "no": "否",
    "ok": "正常",
    "regression": "变慢",
    "undecided": "未决",
    "CONFIRMED": "成立",
    "REFUTED": "被推翻",
    "UNDECIDED": "未决",
}
TEXTS: Mapping[str, str] = {
    "Time of the head over time of the base; the floor is base against itself (A/A).": (
        "新版本用时与基准版本用时之比；底噪是基准版本与其自身之比（A/A）。"
    ),
    "A row is a fault that a public project shipped; {} lists them. Behind each mutant: at how "
    "many of the salts that were run every claim that was asked REFUTED it; ERROR and UNDECIDED "
    "count as misses.": (
        "每一行是某个公开项目发布过的错误，{} 列出了它们。变异体之后：在多少个盐下，"
        "所有被询问的论断都推翻了它；出错与未决算作漏过。"
    ),
    "Every claim against every mutant that it names, whether or not a project shipped that fault, "
    "but for what takes the profile `deep`: {}. An examination is one such pair at one salt; "
    "ERROR, UNDECIDED and CONFIRMED miss.": (
        "每个论断对它所列的每个变异体，不论是否有项目发布过该错误；需用 `deep` 档的除外：{}。"
        "一次审理是一对在一个盐下；出错、未决与成立都算漏过。"
    ),
    "All together: {} mutants, {} pairs, {} examinations, {} misses.": (
        "合计：{} 个变异体，{} 对，{} 次审理，漏过 {} 次。"
    ),
    "So a pair misses at a mean rate below {} (95 %).": "故一对漏过的平均率低于 {}（95%）。",
    "The last column names the mutants that the framework's own test, stated again in {}, does "
    "not notice; a dash where no such test is known.": (
        "最后一列是框架自带测试（在 {} 中重述）未察觉的变异体；没有已知测试处为横线。"
    ),
    "Each is stated again in a few lines and taken at five seeds; a mutant is caught if most "
    "fail, and an exception is a failure. PyTorch's tests of dropout, initialisation, optimizers, "
    "clipping, permutations and loaders and scikit-learn's of folds and powers follow their "
    "sources; those of activations, smoothed labels and normal noise follow what is generally "
    "known of them, and may differ in detail. All of the mutants are refuted here.": (
        "每个测试用几行重述，取五个种子；多数失败即算查出，异常也算失败。PyTorch 的暂退法、"
        "初始化、优化器、梯度截断、排列与数据加载测试，以及 scikit-learn 的折与幂测试依照其源码；"
        "激活函数、标签平滑与正态噪声的测试依照通常所知，细节可能有出入。"
        "这些变异体在此处全部被推翻。"
    ),
    "Not caught as shipped, with the size that would be needed.": (
        "以发布时的大小未能查出，附所需大小。"
    ),
    "The objects of {} in the profile {}: at how many of the salts that were run every claim "
    "ended as expected, but for a finding of findings.md, which showed in one or more of the "
    "claims named here and in no others.": (
        "{} 中的对象，配置为 {}：在多少个盐下每个论断都与预期相符，"
        "例外只是 findings.md 中的发现，它出现在此处列出的一个或多个论断中，别处没有。"
    ),
    "Every claim that takes the role and trains nothing, one after another in one process, "
    "without a GPU. Seconds of processor time, which other work on the machine does not change "
    "much; the most is {}.": (
        "所有用到该角色且不训练的论断，在一个进程中逐个运行，不用 GPU。单位是处理器秒，"
        "受同机其他工作影响不大；最大为 {}。"
    ),
    "A fault of size eps; the claim's margin is {}. Within the inner part of the margin a claim "
    "must not refute, from the margin on it must not confirm; in between it may do either, or "
    "stay undecided.": (
        "大小为 ε 的错误；论断的界限是 {}。在界限的内侧部分论断不得被推翻，"
        "自界限起不得成立；两者之间二者皆可，也可未决。"
    ),
    "The margin of an exact claim is the rounding of float32: where it draws float64, less is a "
    "fault.": "精确论断的界限是 float32 的舍入误差；抽到 float64 时，更小的也算错误。",
    "x refuted, . confirmed, ? undecided, ! error, - not applicable; a star where the claim names "
    "the mutant and must refute it. One salt, profile {}.": (
        "x 被推翻，. 成立，? 未决，! 出错，- 不适用；星号表示论断点名该变异体且必须推翻它。"
        "一个盐，配置 {}。"
    ),
    "Claims: {}.": "论断：{}。",
    "The bound is Wald's for the Bernoulli kind and ln(1/alpha) / KL_inf for the four laws of "
    "mean 0.6.": "下界：伯努利检验用 Wald 的，均值 0.6 的四种分布用 ln(1/α) / KL_inf。",
    "Expected replicates of the Bernoulli kind are exact (dynamic programming, no cap); those of "
    "the bounded laws are means of {} runs.": (
        "伯努利检验的期望重复次数是精确的（动态规划，无上限）；有界分布的是 {} 次运行的均值。"
    ),
    "The fixed exact test is a binomial test with both rates kept, and exists for zeros and ones "
    "only; Hoeffding's and TensorFlow Probability's rule (DKWM) are fixed samples that hold for "
    "every law on [0, 1].": (
        "固定样本精确检验是保持两种错误率的二项检验，只适用于零和一；霍夫丁与 TensorFlow "
        "Probability 的规则（DKWM）是对 [0, 1] 上一切分布都成立的固定样本。"
    ),
    "Bars: {} times Wald's bound at both hypotheses of the Bernoulli kind, {} times the best "
    "possible for each bounded law.": (
        "标准：伯努利检验在两个假设下为 Wald 下界的 {} 倍，每种有界分布为最优值的 {} 倍。"
    ),
    "{} examinations a row, each at a salt of its own, with a primitive that is just outside or "
    "just inside what the relation says.": (
        "每行 {} 次审理，各用自己的盐，所用原语恰在关系所述范围之外或之内。"
    ),
    "A row holds if at most {} verdicts are wrong: a kind that errs at exactly {} passes that "
    "limit with probability {}, so that the whole table cries wolf with probability {} at most.": (
        "错误判定不超过 {} 个即达标：错误率恰为 {} 的检验以概率 {} 超过此限，"
        "因此整张表误报的概率至多为 {}。"
    ),
    "Where a replicate has two outcomes, or the sample is a chi-squared sum, the rate is computed "
    "too, without sampling error, by asking the kind at every count; the measured count must agree "
    "with it.": (
        "若重复只有两种结果，或样本是卡方和，则也对每个计数询问检验以算出该率，没有抽样误差；"
        "测得的计数须与之相符。"
    ),
    "At most {}: computed; or measured with a {} upper bound (Clopper and Pearson) below it. {} is "
    'the p-value of the exact test of "the rate is above {}".': (
        "不超过 {}：算得，或测得且 {} 上界（Clopper 与 Pearson）低于它。{} 是“该率高于 {}”的"
        "精确检验的 p 值。"
    ),
    "Undecided is not wrong; its planned share is {} at these rates.": (
        "未决不算错；在这些错误率下计划的未决比例是 {}。"
    ),
    "Computed, not simulated: the state of the test after n replicates is the number of "
    "successes, so that the law of the verdict is a finite sum.": (
        "是算出的，不是模拟的：n 次重复后检验的状态是成功次数，因此判定的分布是有限和。"
    ),
    "Both error rates are {}; looks are spaced by the smallest block that a claim of the suite "
    "uses with that kind.": "两种错误率都是 {}；各次查看之间隔着套件中论断用该检验的最小块。",
    "Wrong is CONFIRMED in the first two rows of each kind and REFUTED in the last two.": (
        "每种检验的前两行中，成立是错的；后两行中，被推翻是错的。"
    ),
    "Good inputs with bytes changed, pieces moved and JSON values replaced by hostile ones, the "
    "same ones in every run; {} makes others. A run goes on where the one before it ended.": (
        "合法输入经改动字节、移动片段、以恶意值替换 JSON 值而成，每次运行相同；{} 生成其他的。"
        "每次运行从上一次结束处继续。"
    ),
    "{} ({}) lets coverage lead the search (atheris); it keeps no table.": (
        "{}（{}）由覆盖率引导搜索（atheris）；它不留下表格。"
    ),
    "A digest is of every bit of a sample. Where digests differ, the samples are the same numbers "
    "but for their last bits if every trial has as many observations and estimates within {} of "
    "each other; further apart, the largest relative difference is shown. An identity's estimate "
    "is a rounding error itself and is not compared.": (
        "摘要取自样本的每一位。摘要不同时，若每次检验的观测数相同且估计值相差不超过 {}，"
        "则样本除末尾几位外是相同的数；相差更大时，列出最大的相对差。"
        "恒等式的估计值本身就是舍入误差，不作比较。"
    ),
    "A crash is anything but a value or the reader's own error in one sentence. The report's page "
    "is rendered from what its reader lets through and searched for anything that could run.": (
        "除了得到一个值或读取器自己的一句话错误，其他都算崩溃。报告页面由读取器放行的内容渲染，"
        "并检查其中有无可执行之物。"
    ),
    "{} weighted trials a row of a sequential kind, read in about {} looks; {} a row of a fixed "
    "sample, read once.": (
        "序贯检验每行 {} 次加权审理，约查看 {} 次；固定样本每行 {} 次，查看一次。"
    ),
    "A row holds if the measured rate is at most the nominal one, {} standard errors of the "
    "measurement allowed: {} is the chance that a row of a kind that is just right fails.": (
        "测得的率不超过名义值即达标，允许 {} 个测量标准误：恰好合格的检验以概率 {} 不达标。"
    ),
    "Where the sample comes down to a count or to a chi-squared sum, the rate is computed as well, "
    "without sampling error: that figure must be at most nominal, and the measured one agree with "
    "it; where it is the nominal rate itself, half of all measurements lie above it.": (
        "若样本归结为计数或卡方和，也算出该率，没有抽样误差：它须不超过名义值，测得的须与之相符；"
        "若它就是名义值，则一半的测量在其上。"
    ),
    "At most nominal: computed, or measured with a {} upper bound below it. Theorems say so for "
    "every law ({}); the table checks the code.": (
        "不超过名义值：算得，或测得且 {} 上界低于它。定理对一切分布如此断言（{}）；此表检验代码。"
    ),
    "A rate far below nominal is a bound that is not tight there ({}), never an error.": (
        "远低于名义值的率说明该处的界不紧（{}），绝不是错误。"
    ),
    "An identity has no sampling error: one comparison above its bound refutes it.": (
        "恒等式没有抽样误差：一次比较超出其界就推翻它。"
    ),
    "A suite of ten claims is killed at random moments and gone on with by {}, over and over.": (
        "十个论断的套件在随机时刻被结束，再用 {} 继续，如此反复。"
    ),
    "Nothing is lost if every claim that pytest announced is in the records, the records file "
    "only grows, and the end has the verdicts, replicates and digests of an unbroken run.": (
        "若 pytest 报告过的每个论断都在记录中，记录文件只增不减，且最终的判定、重复次数与摘要"
        "同不间断运行一致，则没有丢失。"
    ),
    "Each row is a run of claims at one salt, beside a run with {}.": (
        "每行是同一盐下论断的一次运行，与使用 {} 的运行相比。"
    ),
    "Another run is one of an environment of tox ({}), or one with {} or {} set: "
    "{}. An environment for Python 3.14 was made by hand.": (
        "另一次运行来自 tox 的某个环境（{}），或设置了 {} 或 {}：{}。"
        "Python 3.14 的环境是手工建立的。"
    ),
    "Verdicts must be equal. Other versions of Hypothesis may draw other settings: digests are "
    "compared where the settings are the same.": (
        "判定必须相同。其他版本的 Hypothesis 可能抽到别的设置：设置相同时才比较摘要。"
    ),
    "Digests are of the raw observations of the edge claims, with the reference primitives, "
    "through the whole path.": "摘要取自边界论断的原始观测，用参考原语，经整条路径。",
    "Correlations are of {} draws each, at shifts 0 and 1; independent streams exceed the limit "
    "with probability {} a row.": (
        "每个相关系数取自 {} 个抽样，位移为 0 和 1；独立的流每行以概率 {} 超出限值。"
    ),
}


def title(key: str, table: Mapping[str, object]) -> Text:
    """A table's title in both languages, as far as the Chinese is known."""
    en = str(table["title"])
    return Text(en, str(table.get("title_zh") or TITLES.get(key) or en))


def columns(names: Sequence[str], given: object = None) -> list[Text]:
    """The names of columns; `given` is the table's own Chinese, one for each."""
    own = given if isinstance(given, list) and len(given) == len(names) else [None] * len(names)
    named = [name or NAMELESS for name in names]
    return [Text(en, str(zh or COLUMNS.get(en, en))) for en, zh in zip(named, own, strict=True)]


def cell(text: str) -> Text:
    """A cell: a word that all tables share, or what it says."""
    return Text(text, CELLS.get(text, text))


def paragraphs(lines: Sequence[str], given: object = None) -> list[Text]:
    """Paragraphs; `given` is the table's own Chinese, one for each."""
    if isinstance(given, list) and len(given) == len(lines):
        return [Text(en, str(zh)) for en, zh in zip(lines, given, strict=True)]
    return [Text(line, _chinese(line)) for line in lines]


def _chinese(line: str) -> str:
    if line in TEXTS:
        return TEXTS[line]
    for pattern, zh in _patterns():
        if found := pattern.fullmatch(line):
            return zh.format(*found.groups())
    return line


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(re.escape(en).replace(r"\{\}", "(.{1,4000}?)"), re.DOTALL), zh)
        for en, zh in TEXTS.items()
        if "{}" in en
    ]
