"""Claims whose truth is known without a run, and why a verdict was not the expected one.

truths.tsv lists claims that a theorem, an identity or a law in closed form settles, as strongly as
they are declared. causes.tsv says of each verdict at a fresh salt that was not as expected what was
at fault.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.statistics.evidence import Verdict
from harness.text import Text

TRUTHS = Path(__file__).with_name("truths.tsv")
CAUSES = Path(__file__).with_name("causes.tsv")
KINDS = {
    "claim": Text("the claim was false as declared", "论断按其声明不成立"),
    "fault": Text("the planted fault left the sentence true", "植入的错误没有使论断不成立"),
    "measuring": Text("the code that measures was wrong", "测量代码有误"),
    "engine": Text("the verdict was wrong", "判定有误"),
    "surroundings": Text("the machine or a library failed", "机器或库出错"),
}


@dataclass(frozen=True)
class Truth:
    """Whether a claim holds as it is declared, and by which argument."""

    claim: str
    holds: bool
    why: str


@dataclass(frozen=True)
class Cause:
    """What was at fault where a verdict was not as expected, one of `KINDS`, and what was found."""

    salt: str
    claim: str
    kind: str
    found: Text


@cache
def truths() -> Mapping[str, Truth]:
    """The claims whose truth is known, by their ids."""
    with TRUTHS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {
            row["claim"]: Truth(
                row["claim"], {"true": True, "false": False}[row["truth"]], row["why"]
            )
            for row in rows
        }


def causes(path: Path = CAUSES) -> Mapping[tuple[str, str], Cause]:
    """What is known of verdicts that were not as expected, by salt and claim."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {
            (row["salt"], row["claim"]): Cause(
                row["salt"], row["claim"], row["cause"], Text(row["en"], row["zh"])
            )
            for row in rows
        }


def is_wrong(verdict: Verdict, holds: bool) -> bool:
    """Whether a decided verdict contradicts the truth.

    What holds as it is declared is neither refuted nor weaker; what is false is neither confirmed
    nor weaker.
    """
    return verdict is not (Verdict.CONFIRMED if holds else Verdict.REFUTED)
