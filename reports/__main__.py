"""`python -m reports COMMAND`."""

import sys

from reports.commands import main

if __name__ == "__main__":
    sys.exit(main())
