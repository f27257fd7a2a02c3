"""Writes docs/how_it_is_tested.md and the study pages: `python -m studies.self_trial`.

Nothing is measured: figures come from the tables that the studies keep in docs/studies.
"""

import sys

from studies.self_trial.page import every_page
from studies.tables import write

if __name__ == "__main__":
    write(every_page())
    sys.exit(0)
