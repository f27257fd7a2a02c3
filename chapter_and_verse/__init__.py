"""The kit as users import it: a judge for their objects, and claims of their own.

Installed, everything lies in this package: `chapter_and_verse.harness`, `.claims` and `.reports`.
In a checkout these three are folders beside it, and packages of their own (`hatch_build.py`).
Importing the package loads none of them; each of the names below is loaded when it is asked for.
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.adapters.adapter import adapter as adapter
    from harness.declaration import strategies as strategies
    from harness.declaration.claim import claim as claim
    from harness.declaration.not_applicable import NotApplicableError as NotApplicableError
    from harness.declaration.relations import all_hold as all_hold
    from harness.declaration.relations import always_true as always_true
    from harness.declaration.relations import distribution_equals as distribution_equals
    from harness.declaration.relations import exactly_equal as exactly_equal
    from harness.declaration.relations import mean_above as mean_above
    from harness.declaration.relations import mean_below as mean_below
    from harness.declaration.relations import mean_equals as mean_equals
    from harness.declaration.relations import more_often_than_not as more_often_than_not
    from harness.declaration.relations import pairwise_independent as pairwise_independent
    from harness.declaration.relations import probability_above as probability_above
    from harness.declaration.relations import probability_below as probability_below
    from harness.declaration.relations import rate_equals as rate_equals
    from harness.declaration.relations import uniform_variance_equals as uniform_variance_equals
    from harness.declaration.relations import variance_equals as variance_equals
    from harness.run.api import ConformanceTests as ConformanceTests
    from harness.run.api import check_implementation as check_implementation
    from harness.run.unjudged import NothingJudgedError as NothingJudgedError
    from harness.same.comparison import same as same
    from harness.statistics.comparison.sameness import Answer as Answer
    from harness.statistics.evidence import Verdict as Verdict
    from harness.text import Text as Text

__version__ = "0.1.0"

HERE = Path(__file__).resolve().parent
# Where the folders of the suite are: inside the package, or in a checkout beside it.
SUITE = HERE if (HERE / "harness").is_dir() else HERE.parent
_HOMES = {
    "harness.adapters.adapter": "adapter",
    "harness.declaration.claim": "claim",
    "harness.declaration.not_applicable": "NotApplicableError",
    "harness.declaration.relations": "all_hold always_true distribution_equals exactly_equal "
    "mean_above mean_below mean_equals more_often_than_not pairwise_independent probability_above "
    "probability_below rate_equals uniform_variance_equals variance_equals",
    "harness.declaration.strategies": "strategies",
    "harness.run.api": "ConformanceTests check_implementation",
    "harness.run.unjudged": "NothingJudgedError",
    "harness.same.comparison": "same",
    "harness.statistics.comparison.sameness": "Answer",
    "harness.statistics.evidence": "Verdict",
    "harness.text": "Text",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}
__all__ = ["__version__", *sorted(_HOME)]


if not TYPE_CHECKING:  # which sees the imports above, and that there are no others

    def __getattr__(name: str) -> Any:
        """The public name, from its home; one that is not there is the home itself, a module."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = importlib.import_module(_HOME[name])
        return getattr(home, name, home)


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted({*globals(), *_HOME})
