"""Stands before pip where the tests run Pulumi, and answers its one question at once.

Before each run Pulumi has pip list what is installed, to find packages that need plugins. None does, and looking takes
half a second of each of hundreds of runs. Anything else is passed on to the real one.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

if sys.argv[1:2] == ["list"]:
    print("[]")
else:
    sys.path = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).parent]
    del sys.modules["__main__"]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
