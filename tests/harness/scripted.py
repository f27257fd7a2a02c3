"""A test whose evidence is said by its observations, and claims that say it.

Each replicate adds so many nats to either side, so that every look, share and stop is known.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from examples import toys
from harness.declaration.claim import Claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import Relation
from harness.statistics.evidence import Evidence, Plan, StatisticalTest, Summary, Verdict
from harness.text import Text
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import Examination, examine
from harness.trial.one_setting import OpenTrial, Trial, decide_setting

RATE = math.exp(-10.0)  # ten nats are needed
SHARES = Shares(RATE, RATE)
Said = Callable[..., tuple[float, float]]


@dataclass(frozen=True)
class Nats(StatisticalTest):
    """Evidence is the sum of what the replicates say, in nats: (confirm, refute) of each."""

    sequential: bool = True
    observations: int = 8
    cap: int = 16
    name: str = "nats"
    true_zone = (0.0, 1.0)
    false_zone = ((-1.0, 0.0),)

    def summarise(self, observation: Any) -> Summary:
        values = np.asarray(observation, dtype=np.float64)
        return np.array([len(values), *values.sum(axis=0)])

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        return Evidence(
            int(summary[0]), 0.5, (0.0, 1.0), float(summary[1]), float(summary[2]), self.name
        )

    def plan(self, alpha: float, beta: float) -> Plan:
        return Plan(self.observations, self.cap, 0.1, 1e-6, self.cap)


def saying(said: Said, kind: Any = None, **options: Any) -> Claim:
    """A claim whose replicates say `said(setting)` nats; blocks hold 4."""

    options = {
        "holds": Relation(Text("nats", "纳特"), lambda setting: kind or Nats()),
        "always": ({"p": 1},),
    } | options

    @toys.toy("toy", "Replicates say nats", "重复值说出纳特数", **options)
    def replicates_say_nats(relu: Any, p: int, replicates: int, stream: Any) -> Any:
        values = np.tile(np.array(said(p)), (replicates, 1))
        values[:, 0] += stream.numpy().random(replicates) * 1e-9
        return Measured(values, Histogram(Text("Nats", "纳特"), values[:, 0]))

    return replicates_say_nats


def costing(cost: float, settings: int = 1) -> Claim:
    """A claim with so many settings, whose blocks cost so many seconds."""
    always = tuple({"p": p} for p in range(settings))
    return saying(lambda p: (0.0, 0.0), always=always, seconds=cost)


def refuted_option(**more: Any) -> dict[str, Any]:
    return {"expected": Verdict.REFUTED, "twin": "other", "why": Text("so", "如此"), **more}


def examined(claim: Claim, shares: Shares = SHARES, **conditions: Any) -> Examination:
    """The examination of a claim under conditions that are plain but for these."""
    return examine(claim, Conditions(**conditions), shares)


def tried(claim: Claim, setting: Any = None, share: Shares = SHARES, **conditions: Any) -> Trial:
    """The trial at one setting, by default p = 1, of which its share is known."""
    setting = {"p": 1} if setting is None else setting
    return decide_setting(OpenTrial(claim, Conditions(**conditions), setting, share))


def trial_of(verdict: Verdict, confirm: float = 0.0) -> Trial:
    evidence = Evidence(4, 0.5, (0.0, 1.0), confirm, 0.0, "nats")
    return Trial({}, verdict, evidence, None, 1, "", (), None, ())


def examination_of(*trials: Trial) -> Examination:
    return Examination(toys.coin(0.5), Conditions(), SHARES, trials, None, 0.0)
