"""`python -m divio_provider.emulator`: the local Divio without the extra `cli`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from divio_provider.emulator.server.process import run
from divio_provider.emulator.settings import BadFlag, settings
from divio_provider.emulator.switches import choices

SWITCHES = "how it behaves where Divio's behaviour is unknown; may be repeated: " + ", ".join(
    f"{name}={'|'.join(values)}" for name, values in choices().items()
)


def main() -> None:
    """Reads the flags and serves; ends with 2 when a flag cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m divio_provider.emulator", description="A local Divio.")
    parser.add_argument("--port", type=int, default=8100, help="0: any free one (default: 8100)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, metavar="FILE", help="keep the world in this file (default: in memory)")
    parser.add_argument("--latency", type=float, default=0, metavar="MS", help="hold every answer back")
    parser.add_argument("--deploy-seconds", type=float, default=2, metavar="S", help="a deployment takes so long")
    parser.add_argument("--rate-limit", metavar="N/s", help="more requests than these are answered 429")
    parser.add_argument("--mirrors", default="field:mirror_of", metavar="field:NAME|action:PATH|none")
    parser.add_argument("--token", default="demo-token")
    parser.add_argument("--page-size", type=int, default=100, metavar="N", help="items on a page")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help=SWITCHES)
    given = parser.parse_args()
    try:
        run(settings(**vars(given)))
    except BadFlag as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
