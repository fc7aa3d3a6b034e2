"""Historic name of :mod:`ptychopinn.historic.cli.inference`, which is also a command."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.historic.cli import commands as historic  # noqa: E402
from ptychopinn.historic.cli import inference as torch_inference  # noqa: E402
from ptychopinn.historic.cli.inference import *  # noqa: E402

if __name__ == "__main__":
    sys.exit(historic.run_as_command(torch_inference.cli_main))
sys.modules[__name__] = torch_inference
