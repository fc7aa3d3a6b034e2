"""Historic name of :mod:`ptychopinn.historic.cli.inference`; also runs as ``python -m ptycho_torch.inference``."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.historic.cli import inference, shared  # noqa: E402
from ptychopinn.historic.cli.inference import *  # noqa: E402

if __name__ == "__main__":
    sys.exit(shared.run_as_command(inference.cli_main))
sys.modules[__name__] = inference
