"""python -m made: datasets, train, resume, runs, evaluate, sample, export."""

import sys

from made.commands import main

if __name__ == "__main__":
    sys.exit(main())
