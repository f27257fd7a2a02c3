"""The settings that a claim is examined at: drawn by Hypothesis, seeded by the salt, replayable."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from harness.blocks.streams import named_seed
from harness.declaration.claim import Claim
from harness.unofficial import without_constants_of_the_code

Setting = Mapping[str, Any]


def canonical(setting: Setting) -> str:
    """The setting as JSON with sorted keys: its name in stream keys and records."""
    return json.dumps(setting, sort_keys=True, separators=(",", ":"), allow_nan=False)


def draw_settings(claim: Claim, draws: int, salt: str) -> tuple[Setting, ...]:
    """The claim's fixed settings, then up to `draws` more from its strategies, none twice.

    A function of (claim, draws, salt) alone: Hypothesis is seeded by the salt and the claim's id
    and keeps no database.
    Raises ClaimError, with file and line, for a setting outside the claim's condition.
    """
    settings = {canonical(setting): dict(setting) for setting in claim.always}
    if not claim.given:
        return tuple(settings.values()) or ({},)
    count = draws if claim.spends.draws is None else min(draws, claim.spends.draws)
    if count > 0:
        for setting in _drawn(claim, count, salt):
            claim.check_setting(setting)
            settings.setdefault(canonical(setting), dict(setting))
    return tuple(settings.values())


def largest_number_of_settings(claim: Claim, draws: int) -> int:
    """How many settings there can be: what the claim's error share is divided by."""
    count = draws if claim.spends.draws is None else min(draws, claim.spends.draws)
    return max(1, len(claim.always) + (count if claim.given else 0))


def smallest(claim: Claim, salt: str, refutes: Callable[[Setting], bool], tries: int) -> Setting:
    """The simplest setting that Hypothesis can find for which `refutes` is true.

    Raises hypothesis.errors.HypothesisException when it finds none within the tries.
    """
    import hypothesis
    from hypothesis import strategies

    with without_constants_of_the_code():
        found: Setting = hypothesis.find(
            strategies.fixed_dictionaries(dict(claim.given)),
            lambda setting: refutes(json.loads(canonical(setting))),
            settings=_quiet(tries),
            random=random.Random(named_seed(salt, claim.id, "smallest")),
        )
    return json.loads(canonical(found))  # type: ignore[no-any-return]


def _drawn(claim: Claim, count: int, salt: str) -> list[Setting]:
    import hypothesis
    from hypothesis import strategies

    drawn: list[Setting] = []

    def collect(setting: dict[str, Any]) -> None:
        # Through JSON, so that a replayed setting (lists, not tuples) is the one first examined.
        drawn.append(json.loads(canonical(setting)))

    given = hypothesis.given(strategies.fixed_dictionaries(dict(claim.given)))
    with without_constants_of_the_code():
        hypothesis.seed(named_seed(salt, claim.id, "settings"))(_quiet(count)(given(collect)))()
    return drawn[:count]


def _quiet(examples: int) -> Any:
    import hypothesis

    return hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        print_blob=False,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
