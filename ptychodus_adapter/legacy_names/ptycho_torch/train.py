"""Historic name of :mod:`ptychopinn.historic.cli.train`; also runs as ``python -m ptycho_torch.train``."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.historic.cli import shared, train  # noqa: E402
from ptychopinn.historic.cli.train import *  # noqa: E402

if __name__ == "__main__":
    sys.exit(shared.run_as_command(train.cli_main))
sys.modules[__name__] = train
