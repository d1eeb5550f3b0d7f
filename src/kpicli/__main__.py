"""`python -m kpicli` is `kpi`."""

from __future__ import annotations

import sys

from kpicli.cli import main

sys.exit(main())
