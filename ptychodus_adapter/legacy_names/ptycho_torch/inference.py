"""Historic name of :mod:`ptychopinn.cli.torch_inference`, which is also a command."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.cli import historic, torch_inference  # noqa: E402

if __name__ == "__main__":
    sys.exit(historic.run_as_command(torch_inference.cli_main))
sys.modules[__name__] = torch_inference
