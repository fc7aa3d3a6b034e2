"""Historic name of :mod:`ptychopinn.cli.torch_train`, which is also a command."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.cli import historic, torch_train  # noqa: E402

if __name__ == "__main__":
    sys.exit(historic.run_as_command(torch_train.cli_main))
sys.modules[__name__] = torch_train
