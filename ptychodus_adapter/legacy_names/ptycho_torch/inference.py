"""Historic name of :mod:`ptychopinn.cli.torch_inference`, which is also a command."""

import sys

from ptychopinn.cli import historic, torch_inference

if __name__ == "__main__":
    sys.exit(historic.run_as_command(torch_inference.cli_main))
sys.modules[__name__] = torch_inference
