"""The error rates of what is not the suite's own: fixed shares, and what a run promises."""

import textwrap
from collections.abc import Sequence
from typing import Any

from harness.statistics.ledger import FOREIGN_SHARE, SUITE_RATE


def promised(items: Sequence[Any], width: int) -> list[str]:
    """What a run of these items may err, for its header; nothing where none of them is ours.

    Whatever part of a project's tests is run, a test or a claim of it has the same share.
    """
    judged = [item for item in items if "judged" in getattr(item, "fixturenames", ())]
    objects = {(item.nodeid.partition("[")[0], _other_parameters(item)) for item in judged}
    stated = sum("error_share" in getattr(item, "fixturenames", ()) for item in items)
    own = sum(_is_foreign(getattr(item, "claim", None)) for item in items)
    parts = []
    if objects:
        each = "the one" if len(objects) == 1 else f"each of {len(objects)}"
        parts.append(f"{SUITE_RATE:g} for {each} that `judge` is called with")
    if foreign := stated + own:
        each = "the one claim or test" if foreign == 1 else f"each of {foreign} claims or tests"
        parts.append(f"{FOREIGN_SHARE:g} for {each} of your own")
    if not parts:
        return []
    most = len(objects) * SUITE_RATE + (stated + own) * FOREIGN_SHARE
    said = (
        f"claims: error budget, each way: {', '.join(parts)}; "
        f"at most {most:.4g} false confirmations and as many false refutations per run"
    )
    return textwrap.wrap(said, width, subsequent_indent="  ")


def _other_parameters(item: Any) -> str:
    return str([(name, value) for name, value in item.callspec.params.items() if name != "judged"])


def _is_foreign(claim: Any) -> bool:
    return claim is not None and claim.section.order == 0 and hasattr(claim, "holds")
