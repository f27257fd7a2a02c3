"""Measures every pitfall and writes docs/pitfalls.md: `python -m examples.pitfalls [NAME ...]`.

With names, only those are measured and printed, and the page is left alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from examples.pitfalls.catalogue import PITFALLS
from examples.pitfalls.page import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "pitfalls.md"


def main() -> None:
    """Run the pitfalls named on the command line, or all of them."""
    parser = argparse.ArgumentParser(description="Naive tests, their failure rates, and ours.")
    names = [one.name for one in PITFALLS]
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(names)}")
    wanted = parser.parse_args().names
    unknown = set(wanted) - set(names)
    if unknown:
        parser.error(f"no pitfall named {sorted(unknown)}; there are: {', '.join(names)}")
    chosen = [one for one in PITFALLS if not wanted or one.name in wanted]
    measured = {}
    for one in chosen:
        start = time.perf_counter()
        measured[one.name] = one.run()
        print(f"{one.name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)
    text = page(chosen, measured)
    if wanted:
        print(text)
    else:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
