"""Trials in which an object on trial was never called: they are about the reference.

A claim that takes two roles may ask for the other one at a setting. That setting is set aside, as
one is that the object lacks something for; where no other is left, the claim was not examined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.declaration.claim import Claim
from harness.implementation.named import Implementation
from harness.statistics.evidence import Verdict
from harness.text import counted
from harness.trial.one_setting import NotCalledError, Trial

ASIDE = Verdict.NOT_APPLICABLE
NO_PASS = (Verdict.ERROR, Verdict.UNDECIDED)


def hold_to_calls(
    claim: Claim,
    implementation: Implementation,
    trials: Sequence[Trial],
    swept: Mapping[str, int],
) -> tuple[Trial, ...]:
    """The trials; none is judged if one of the objects on trial was called in none that was.

    They are set aside for what the object lacks at another setting. Where it lacks nothing the
    first ends as an ERROR. What is no pass stays as it is: what was called is to blame for it.
    `swept` has the calls of the sweep.
    """
    calls = sum((Counter(trial.calls) for trial in trials), Counter(swept))
    missed = [role for role in implementation.on_trial(claim.roles) if not calls[role]]
    passes = claim.expected is Verdict.REFUTED
    stays = NO_PASS if passes else (*NO_PASS, Verdict.REFUTED)
    if not missed or any(trial.verdict in stays for trial in trials):
        return tuple(trials)
    lacks = (trial.error for trial in trials if trial.verdict is ASIDE)
    lacking = next((error for error in lacks if not isinstance(error, NotCalledError)), None)
    if lacking is not None:
        return tuple(replace(trial, verdict=ASIDE, error=lacking) for trial in trials)
    role = missed[0]
    never = NotCalledError(
        f"the object of role {role!r} ({implementation.replaced[role]}) was never called by this "
        f"claim at any of its {counted(len(trials), 'setting')}, so that a verdict would be the "
        "reference's; probably each of them asks for another role: draw more with "
        "--claims-profile=deep, or leave the claim out with --claims-only"
    )
    return replace(trials[0], verdict=Verdict.ERROR, error=never), *trials[1:]
