"""``python -m ptychopinn.cli``."""

import sys

from ptychopinn.cli.main import main

sys.exit(main())
