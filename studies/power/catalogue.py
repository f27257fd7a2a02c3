"""Every row of the catalogue of shipped bugs: its mutants, what refutes them, what theirs says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness.implementation.named import load
from harness.run.suite import whole_suite
from harness.text import Text
from reports.tables import Table, texts
from studies.power.rows import bugs, rows_of
from studies.power.salts import Run, cases, stored
from studies.power.theirs import THEIRS, catches
from studies.words import translated

# What no test of a sane size sees. The second column says how large one would have to be.
OUT_OF_REACH = (
    texts(
        "a rate that is wrong by less than 2^-20 | 5.6e12 draws: (4.5 / 2^-20)^2 / 4",
        "错误小于 2^-20 的概率 | 5.6e12 次抽样：(4.5 / 2^-20)^2 / 4",
    ),
    texts(
        "an event rarer than 1e-8 | 3e8 draws for 95 %: ln(20) / 1e-8",
        "比 1e-8 更罕见的事件 | 95% 需 3e8 次抽样：ln(20) / 1e-8",
    ),
    texts(
        "a race that needs many repeats | as many repeats as the race needs; no size is enough",
        "需要多次重复才出现的竞争 | 视竞争所需的重复次数而定；没有足够的大小",
    ),
    texts(
        "D21 in float32: one unit dropped in 2^24 at p = 0 | 5e7 draws; in 16 bits 1.5e3 do",
        "D21，float32：p = 0 时 2^24 个单元中丢弃一个 | 5e7 次抽样；16 位时 1.5e3 次即可",
    ),
    texts(
        "I03 in float32: outliers in 3e-8 of all draws | 1e8 draws; its mutant throws 1 in 1e4",
        "I03，float32：3e-8 的抽样为离群值 | 1e8 次抽样；其变异体每 1e4 次出现一次",
    ),
    texts(
        "K05 as shipped: a column index beyond 32 bits | "
        "65 537 columns; its mutant overflows at 13!",
        "K05，以发布时的形式：列下标超出 32 位 | 65 537 列；其变异体在 13! 处溢出",
    ),
)


def bugs_table() -> Table:
    """A line for each row of the catalogue, with what the salts have shown of its mutants."""
    measured = list(stored().values())
    rows, entries = [], []
    for bug in bugs():
        found = [entry_of(bug.id, mutant, measured) for mutant in mutants_of(bug.id)]
        entries += found
        claims = sorted({claim for entry in found for claim in entry["claims"]})
        salts = "; ".join("{} {} of {}".format(_name(e), *e["salts"]) for e in found)
        rows.append([bug.id, bug.fault, bug.sample, salts, ", ".join(claims), _unnoticed(found)])
    return Table(
        title=Text(
            "Shipped bugs, their mutants, and the claims that refute them",
            "真实项目中出现过的错误、对应的变异体，以及否定它们的主张",
        ),
        text=(
            Text(
                "A row is a fault that a public project shipped; `studies/power/bugs.tsv` "
                "lists them. Behind each mutant: at how many of the salts that were run "
                "every claim that was asked REFUTED it; ERROR and UNDECIDED count as "
                "misses.",
                "每一行是某个公开项目发布过的错误，`studies/power/bugs.tsv` 列出了它们。变异"
                "体之后：在多少个盐下，所有被询问的论断都推翻了它；出错与未决算作漏过。",
            ),
            Text(
                "The last column names the mutants that the framework's own test, stated "
                "again in `studies/power/theirs.py`, does not notice; a dash where no "
                "such test is known.",
                "最后一列是框架自带测试（在 `studies/power/theirs.py` 中重述）未察觉的变异"
                "体；没有已知测试处为横线。",
            ),
        ),
        command="python -m studies.power salts",
        columns=texts(
            "row | fault | smallest sample | mutants | refuted by | unnoticed by their test",
            "行 | 错误 | 最小样本 | 变异体 | 由谁推翻 | 其测试未察觉的",
        ),
        rows=translated(rows),
        measured=entries,
    )


def salts_table(measured: Sequence[Run] | None = None) -> Table:
    """For each role: its mutants, the claims that name them, and the salts at which they refuted.

    `measured`: what was examined; what is kept on disk by default.
    """
    named = {(claim.id, mutant) for claim, mutant in cases()}
    kept = stored().values() if measured is None else measured
    runs = [run for run in kept if (run.claim, run.mutant) in named]
    rows: list[tuple[Any, ...]] = []
    for role in sorted({run.mutant.partition("=")[0] for run in runs}):
        own = [run for run in runs if run.mutant.partition("=")[0] == role]
        pairs = Counter((run.claim, run.mutant) for run in own)
        least, most = min(pairs.values()), max(pairs.values())
        missed = sorted({run.claim for run in own if run.verdict != "REFUTED"})
        rows.append((
            role, len({mutant for _, mutant in pairs}), len(pairs),
            str(most) if least == most else f"{least} to {most}", len(own),
            sum(run.verdict == "REFUTED" for run in own), ", ".join(missed) or "none",
        ))  # fmt: skip
    left = {c.id: c.mutants for c in whole_suite() if c.deep_only and c.mutants}
    deep = ", ".join(f"`{name}`" for name in left) or "none"
    asked, refuted = (sum(row[column] for row in rows) for column in (4, 5))
    text = [
        Text(
            "Every claim against every mutant that it names, whether or not a project "
            f"shipped that fault, but for what takes the profile `deep`: {deep}. An "
            "examination is one such pair at one salt; ERROR, UNDECIDED and CONFIRMED "
            "miss.",
            "每个论断对它所列的每个变异体，不论是否有项目发布过该错误；需用 `deep` 档的"
            f"除外：{deep}。一次审理是一对在一个盐下；出错、未决与成立都算漏过。",
        ),
        Text(
            f"All together: {len({run.mutant for run in runs})} mutants, "
            f"{len({(run.claim, run.mutant) for run in runs})} pairs, {asked} "
            f"examinations, {asked - refuted} misses.",
            f"合计：{len({run.mutant for run in runs})} 个变异体，"
            f"{len({(run.claim, run.mutant) for run in runs})} 对，{asked} 次审理，漏过 "
            f"{asked - refuted} 次。",
        ),
    ]
    if asked and refuted == asked:
        # Valid where pairs miss at different rates too: at a given mean, no miss at all is
        # likeliest where all rates are equal.
        bound = 1 - 0.05 ** (1 / asked)
        text.append(
            Text(
                f"So a pair misses at a mean rate below {bound:.1e} (95 %).",
                f"故一对漏过的平均率低于 {bound:.1e}（95%）。",
            )
        )
    return Table(
        title=Text(
            "Every mutant that a claim names, at many salts", "论断所列的每个变异体，在多个盐下"
        ),
        text=tuple(text),
        command="python -m studies.power salts",
        columns=texts(
            "role | mutants | pairs | salts | examinations | refuted | missed by",
            "角色 | 变异体 | 对数 | 盐数 | 审理次数 | 被推翻 | 漏过者",
        ),
        rows=translated(rows),
    )


def theirs_table() -> Table:
    """The frameworks' own tests, and how many of a role's mutants each one catches."""
    rows = []
    for role, one in THEIRS.items():
        mutants = sorted({mutant for _, mutant in cases() if mutant.startswith(f"{role}=")})
        caught = sum(catches(one, load(role, mutant.partition("=")[2])) for mutant in mutants)
        rows.append([role, one.test, one.asserts, f"{caught} of {len(mutants)}"])
    return Table(
        title=Text("What the frameworks' own tests catch", "各框架自带的测试能发现什么"),
        text=(
            Text(
                "Each is stated again in a few lines and taken at five seeds; a mutant is "
                "caught if most fail, and an exception is a failure. PyTorch's tests of "
                "dropout, initialisation, optimizers, clipping, permutations and loaders "
                "and scikit-learn's of folds and powers follow their sources; those of "
                "activations, smoothed labels and normal noise follow what is generally "
                "known of them, and may differ in detail. All of the mutants are refuted "
                "here.",
                "每个测试用几行重述，取五个种子；多数失败即算查出，异常也算失败。PyTorch 的"
                "暂退法、初始化、优化器、梯度截断、排列与数据加载测试，以及 scikit-learn 的"
                "折与幂测试依照其源码；激活函数、标签平滑与正态噪声的测试依照通常所知，细节"
                "可能有出入。这些变异体在此处全部被推翻。",
            ),
        ),
        command="python -m studies.power page",
        columns=texts(
            "role | test | asserts | mutants caught", "角色 | 测试 | 断言内容 | 查出的变异体"
        ),
        rows=translated(rows),
    )


def out_of_reach_table() -> Table:
    """What is listed and not caught as it was shipped."""
    return Table(
        title=Text("Out of reach", "力所不及"),
        text=(
            Text(
                "Not caught as shipped, with the size that would be needed.",
                "以发布时的大小未能查出，附所需大小。",
            ),
        ),
        command="python -m studies.power page",
        columns=texts("what | needs", "内容 | 所需"),
        rows=OUT_OF_REACH,
    )


def mutants_of(row: str) -> list[str]:
    """The mutants that claims name and that stand for the row, in a fixed order."""
    return sorted({mutant for _, mutant in cases() if row in rows_of(mutant)})


def entry_of(row: str, mutant: str, measured: Sequence[Run]) -> dict[str, Any]:
    """What is known of a mutant, for one row."""
    role, _, target = mutant.partition("=")
    runs = [run for run in measured if run.mutant == mutant]
    salts = {run.salt for run in runs}
    missed = {run.salt for run in runs if run.verdict != "REFUTED"}
    theirs = THEIRS.get(role)
    return {
        "row": row,
        "mutant": target,
        "role": role,
        "claims": sorted(
            {run.claim for run in runs} - {run.claim for run in runs if run.verdict != "REFUTED"}
        ),
        "salts": [len(salts - missed), len(salts)],
        "framework": {
            "asserts": None if theirs is None else f"{theirs.test}: {theirs.asserts}",
            "catches": None if theirs is None else catches(theirs, load(role, target)),
        },
    }


def _name(entry: dict[str, Any]) -> str:
    return f"{entry['role']}: {entry['mutant'].rpartition(':')[2].replace('_', ' ')}"


def _unnoticed(entries: Sequence[dict[str, Any]]) -> str:
    known = [entry for entry in entries if entry["framework"]["catches"] is not None]
    missed = [_name(entry) for entry in known if not entry["framework"]["catches"]]
    return ("; ".join(missed) or "none") if known else "–"
