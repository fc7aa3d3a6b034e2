"""Entry point of ``ptychopinn`` and ``python -m ptychopinn.cli``."""

import json
import sys


def main() -> int:
    """Run the command line; if Ctrl-C is pressed during the imports, print one sentence instead of a traceback."""
    try:
        from ptychopinn.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        sentence = "Interrupted; no result was written."
        print(f"ptychopinn: {sentence}", file=sys.stderr)
        if "--json" in sys.argv:
            print(json.dumps({"ok": False, "error": {"type": "interrupted", "message": sentence}}))
        return 130


if __name__ == "__main__":
    sys.exit(main())
