"""`python -m versioned_import`."""

import sys

from versioned_import.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
