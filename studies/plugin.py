"""What the pytest plugin costs a run that does not use it: `python -m studies.plugin [PAIRS]`.

Two runs of one empty test, with the plugin and without, in turn and each first every other time.
Their difference in processor seconds is the cost; the page is docs/studies/plugin.md.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from studies.tables import DOCS, ROOT

PLUGIN = ("-p", "chapter_and_verse.plugin")
LIMIT = 30.0  # ms
PAGE = """<!-- generated: python -m studies.plugin; do not edit -->
# What the plugin costs a run that does not use it

`python -m studies.plugin` runs an empty test with the plugin and without, {pairs} times, in turn.
No other plugin is loaded, bytecode is cached, and times are processor time of the whole process.

| | median, ms | 10 % and 90 %, ms |
|---|---|---|
| without | {without} | {without_range} |
| with | {with_} | {with_range} |
| difference of pairs | {difference} | {difference_range} |

The limit is {limit:g} ms.
`tests/chapter_and_verse/test_plugin.py` holds that neither torch, NumPy nor SciPy is loaded.
"""


def milliseconds(folder: Path, *options: str) -> float:
    """Processor time of pytest on the folder, with these options."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def measure(pairs: int) -> list[tuple[float, float]]:
    """(without, with) of so many pairs of runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_empty.py").write_text("def test_nothing():\n    pass\n")
        found = []
        for index in range(-1, pairs):  # the first pair fills the caches
            order = ((), PLUGIN) if index % 2 else (PLUGIN, ())
            times = {options: milliseconds(folder, *options) for options in order}
            found.append((times[()], times[PLUGIN]))
    return found[1:]


def spread(values: list[float]) -> tuple[str, str]:
    """The median, and the 10 % and 90 % quantiles."""
    tenths = statistics.quantiles(values, n=10)
    return f"{statistics.median(values):.0f}", f"{tenths[0]:.0f} to {tenths[-1]:.0f}"


def main(pairs: int = 100) -> int:
    """Write the page; the exit status is 0 where the median difference is within the limit."""
    found = measure(pairs)
    differences = [with_ - without for without, with_ in found]
    without, with_, difference = (
        spread(values)
        for values in ([one for one, _ in found], [two for _, two in found], differences)
    )
    page = PAGE.format(
        pairs=pairs, limit=LIMIT, without=without[0], without_range=without[1], with_=with_[0],
        with_range=with_[1], difference=difference[0], difference_range=difference[1],
    )  # fmt: skip
    (DOCS / "plugin.md").write_text(page, encoding="utf-8")
    print(page)
    return int(statistics.median(differences) > LIMIT)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
