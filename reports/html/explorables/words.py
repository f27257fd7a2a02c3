"""What the explorables say alike: how they were measured, and the values of their sliders."""

from collections.abc import Iterable, Sequence

from harness.text import Text
from reports.explored import Explored
from reports.numbers import number

TRAIN, TEST = Text("training loss", "训练损失"), Text("test loss", "测试损失")
APART = Text(
    "Measured once by the suite's own code, apart from every trial: no verdict rests on it.",
    "由本项目自身的代码一次测得，与各次审理无关：任何判定都不以此为依据。",
)


def protocol(explored: Explored, en: str, zh: str) -> Text:
    """How it was measured: the sentences given, then what is so for all."""
    replicates = explored.replicates
    bands = Text(
        f"{replicates} replicates of each setting, with random numbers of their own, which the "
        "points of a curve share. A line is the median, a band the middle 80 % of replicates.",
        f"每个设置重复 {replicates} 次，每次使用各自的随机数，同一条曲线上的各点共用这些随机数。"
        "线为中位数，色带为中间 80% 的重复试验。",
    )
    return Text(f"{en} {bands.en} {APART.en}", f"{zh}{bands.zh}{APART.zh}")


def same(*values: str) -> Sequence[Text]:
    """Values that both languages write alike."""
    return [Text(value, value) for value in values]


def numbers(values: Iterable[float | str]) -> Sequence[Text]:
    """An axis' numbers."""
    return same(*(number(float(value)) for value in values))
