"""All benchmarks: `python -m tests.benchmarks`, or those that are named: `python -m tests.benchmarks dns prompt`."""

import sys
from importlib import import_module
from pathlib import Path

NAMES = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))

for name in sys.argv[1:] or NAMES:
    import_module(f"tests.benchmarks.bench_{name}").main()
