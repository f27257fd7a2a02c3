"""What the page itself says, in English and in Chinese."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from markupsafe import Markup, escape

from harness.text import Text

NOT_TESTABLE, NOT_APPLICABLE = "NOT TESTABLE", "NOT APPLICABLE"  # verdicts that are no pass

WORDS: Mapping[str, tuple[str, str]] = {
    "CONFIRMED": ("holds", "成立"),
    "REFUTED": ("refuted", "被推翻"),
    "UNDECIDED": ("undecided", "未决"),
    "ERROR": ("error", "出错"),
    NOT_TESTABLE: ("not testable", "无法检验"),
    NOT_APPLICABLE: ("not applicable", "不适用"),
    "project": ("Chapter & Verse", "逐章逐句"),
    "skip": ("Skip to the sentences", "跳到论断列表"),
    "language": ("Language", "语言"),
    "theme": ("Theme", "主题"),
    "auto": ("Auto", "自动"),
    "light": ("Light", "浅色"),
    "dark": ("Dark", "深色"),
    "contents": ("Contents", "目录"),
    "after the chapter": ("After the chapter", "附录"),
    "notices": ("About this file of records", "关于这份记录文件"),
    "surprises": ("Not as expected", "与预期不符"),
    "expected": ("expected", "预期"),
    "unexpected": ("not as expected", "与预期不符"),
    "implementation": ("Implementation under test", "被测实现"),
    "reference": ("the reference, nothing replaced", "参考实现，未替换"),
    "profile": ("Profile", "配置"),
    "salt": ("Salt", "盐"),
    "devices": ("Device", "设备"),
    "device": ("Device", "设备"),
    "versions": ("Versions", "版本"),
    "took": ("Time on trial", "审理用时"),
    "budget": ("Error budget spent", "已用错误预算"),
    "search": ("Search", "搜索"),
    "verdict": ("Verdict", "判定"),
    "all verdicts": ("All verdicts", "全部判定"),
    "topic": ("Topic", "主题"),
    "all topics": ("All topics", "全部主题"),
    "all devices": ("All devices", "全部设备"),
    "sort": ("Sort by", "排序"),
    "by chapter": ("chapter order", "章节顺序"),
    "by verdict": ("verdict, surprises first", "判定，意外在前"),
    "by replicates": ("replicates, most first", "重复次数，从多到少"),
    "by time": ("time, longest first", "用时，从长到短"),
    "by name": ("id", "编号"),
    "clear": ("Clear", "清除"),
    "open all": ("Open all", "全部展开"),
    "close all": ("Close all", "全部收起"),
    "sorted": ("All sections, sorted", "全部章节，已排序"),
    "none found": ("No sentence matches.", "没有符合条件的论断。"),
    "sentence": ("Sentence", "论断"),
    "evidence": ("Evidence", "证据"),
    "replicates": ("Replicates", "重复次数"),
    "time": ("Time", "用时"),
    "source": ("Source", "出处"),
    "tested": ("What was tested", "检验内容"),
    "formula": ("Formula", "公式"),
    "condition": ("Condition", "条件"),
    "why": ("Why", "原因"),
    "kind": ("Test", "检验方法"),
    "estimate": ("Estimate", "估计值"),
    "interval": ("Interval", "区间"),
    "true zone": ("True in", "真区域"),
    "false zone": ("False in", "假区域"),
    "detectable": ("Smallest detectable distance", "可检出的最小差距"),
    "as printed": ("As printed", "原文"),
    "corrected": ("Corrected", "修正后"),
    "outside": ("Outside its condition", "条件之外"),
    "twin missing": ("is not among these records", "不在这份记录中"),
    "settings": ("Settings tried", "试过的设置"),
    "setting": ("Setting", "设置"),
    "smallest": ("Smallest setting that refutes", "能推翻论断的最小设置"),
    "deciding": ("deciding", "决定性"),
    "left out": ("more in the records", "条见记录文件"),
    "parts": ("Parts", "各部分"),
    "part": ("Part", "部分"),
    "for": ("For", "支持"),
    "against": ("Against", "反对"),
    "data": ("Data", "数据"),
    "mutants": ("Planted faults it must catch", "必须查出的植入错误"),
    "rerun": ("Repeat it bit for bit", "逐位重现"),
    "code": ("Source of the claim", "论断源码"),
    "digest": ("Sample digest", "样本摘要"),
    "error": ("Error", "错误"),
    "known": ("Known failure", "已知失败"),
    "until": ("until", "有效期至"),
    "open": ("What is open", "尚未判定的部分"),
    "ledger": ("Error ledger", "错误预算账本"),
    "ledger text": (
        "Each trial's share of false confirmations (α) and false refutations (β); "
        "the shares add up to the whole run's probability of a wrong verdict, at most.",
        "每次审理分得的错误确认率（α）与错误推翻率（β）；各份之和就是整次运行出现错误判定的概率上限。",
    ),
    "section": ("Section", "章节"),
    "trials": ("Trials", "审理数"),
    "sum": ("All", "合计"),
    "kills": ("Planted faults", "植入的错误"),
    "kills text": (
        "Every fault, and the sentences whose trial must refute it.",
        "每个植入的错误，以及必须查出它的论断。",
    ),
    "fault": ("Fault", "错误"),
    "caught by": ("Must be caught by", "必须由谁查出"),
    "timings": ("Benchmarks", "基准测试"),
    "timings text": (
        "Median time of one call and the interquartile range of its rounds. "
        "A ratio of two single runs says little about a change: that is the gate's work.",
        "单次调用的中位用时及各轮的四分位距。两次单独运行之比不足以说明变化：那是门禁的工作。",
    ),
    "benchmark": ("Benchmark", "基准"),
    "ratio": ("CPU time over GPU time", "CPU 与 GPU 用时之比"),
    "rounds": ("rounds", "轮"),
    "replica-steps": ("replica-steps/s", "重复步/秒"),
    "of the limit": ("of the device's limit", "（占设备极限）"),
    "environment": ("Environment", "环境"),
    "name": ("Name", "名称"),
    "value": ("Value", "值"),
    "since": ("Since the baseline", "与基线相比"),
    "new": ("new", "新增"),
    "gone": ("gone", "已消失"),
    "no change": ("no verdict changed", "判定没有变化"),
    "measured by": ("Measured by", "测量命令："),
    "made": ("Made from records by", "由记录生成："),
}


def words(key: str) -> Text:
    """The words of a key. Raises KeyError for a key that has none."""
    en, zh = WORDS[key]
    return Text(en, zh)


def both(text: Text) -> Markup:
    """Both languages in one place; the page's language decides which is seen and read aloud.

    English carries no `lang`: it is the document's own language whenever it can be seen.
    """
    if not text.zh or text.zh == text.en:
        return Markup(escape(text.en))
    return Markup("<i>{}</i><i lang=zh>{}</i>").format(text.en, text.zh)


@functools.cache
def say(key: str) -> Markup:
    """The page's own words for a key, in both languages."""
    return both(words(key))
