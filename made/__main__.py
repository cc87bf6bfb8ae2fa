"""python -m made: train models, measure them, list what there is; --help names the commands."""

import sys

from made.commands import main

if __name__ == "__main__":
    sys.exit(main())
