# SPDX-License-Identifier: MIT
"""Entry point of `python3 -m lab`, which lab/lab runs inside the SDK."""

import sys

from lab.cli import main

sys.exit(main(sys.argv[1:]))
