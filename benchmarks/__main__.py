"""`python -m benchmarks`: measures, prints a table, writes the results. `make bench` runs it with its defaults.

Ours is measured first, run after run, on a machine that does nothing else; then all baselines at the same time, each on
a local Divio of its own, because they do little but wait. Nothing is extrapolated: what was not measured is a dash.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks import baselines, ours
from benchmarks.estate import Estate, World
from benchmarks.report import Result, table, write
from benchmarks.rows import ROWS
from tests.divio_cli import NotInstallable, installed

RESULTS = Path(__file__).parent / "results.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; 1 where a bar is missed."""
    given = _parser().parse_args(arguments)
    rows = [row.with_size(given.mirrors, given.seconds) for row in ROWS if row.name in given.rows]
    if given.quick:
        rows = [row.with_size(given.mirrors, 2 if given.seconds is None else given.seconds) for row in rows]
    if given.all_baselines:
        rows = [replace(row, cli=True) for row in rows]
    if "none" in given.baselines:
        rows = [replace(row, naive=False, cli=False) for row in rows]
    rows = [replace(row, cli=row.cli and "cli" in given.baselines) for row in rows]
    rows = [replace(row, naive=row.naive and "naive" in given.baselines) for row in rows]
    results = [Result(row) for row in rows]
    runs = 1 if given.quick else given.runs
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        try:
            _measure(results, runs, Path(name), stack)
        except (ours.WrongResult, NotInstallable) as error:
            _say(str(error))
            return 2
    print(table(results))
    options = {"runs": runs, "mirrors": given.mirrors, "seconds": given.seconds, "quick": given.quick}
    write(given.results, results, options)
    _say(f"everything that was measured: {given.results}")
    resized = given.mirrors is not None or given.seconds is not None or given.quick
    missed = any(result.ratio is not None and result.ratio > result.row.bar for result in results)
    return 1 if missed and not resized else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="How long releases take, as ratios to the ideal, beside the naive design and divio-cli in a shell loop.",
        epilog="\n".join(f"{row.name}: {row.title}; bar {row.bar:.2f}" for row in ROWS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [row.name for row in ROWS]
    parser.add_argument("--rows", nargs="+", choices=names, default=names, metavar="ROW", help="only these (see below)")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="of each; medians are shown (default: 3)")
    parser.add_argument(
        "--baselines",
        nargs="+",
        choices=["naive", "cli", "none"],
        default=["naive", "cli"],
        help="which to measure beside ours (default: both; they take a quarter of an hour)",
    )
    parser.add_argument(
        "--all-baselines", action="store_true", help="divio-cli on 1+100 sites as well: an hour and a quarter more"
    )
    parser.add_argument("--quick", action="store_true", help="one run with deployments of 2 s: whether it works at all")
    parser.add_argument("--mirrors", type=int, metavar="N", help="in every row, instead of its own number")
    parser.add_argument("--seconds", type=float, metavar="D", help="that a deployment takes, instead of the row's own")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE", help=f"(default: {RESULTS.name} here)")
    return parser


def _measure(results: Sequence[Result], runs: int, folder: Path, stack: ExitStack) -> None:
    if any(result.row.cli for result in results):
        installed()
    estates: dict[tuple[int, int], Estate] = {}
    worlds: dict[str, World] = {}
    for result in results:
        row = result.row
        size = (row.mirrors, row.rate)
        if size not in estates:
            _say(f"bringing up 1+{row.mirrors} sites")
            place = folder / f"estate-{row.mirrors}-{row.rate}"
            place.mkdir()
            estates[size] = Estate(row.mirrors, row.rate, place, stack)
        worlds[row.name] = estates[size].world(row.seconds)
        for number in range(runs):
            measured = ours.measure(row, estates[size])
            result.ours.append(measured)
            ratio = measured.seconds / row.ideal
            _say(
                f"{row.name}, run {number + 1}: {measured.seconds:.1f} s, ratio {ratio:.3f}, pulumi up ended after "
                f"{measured.ended:.1f} s, {measured.calls} calls, {measured.cpu:.1f} s of work, load {measured.load:.1f}"
            )
            for step, took in measured.durations.items():
                _say(f"  {step}: {took}")
    _measure_baselines(results, runs, worlds, folder)


def _measure_baselines(results: Sequence[Result], runs: int, worlds: dict[str, World], folder: Path) -> None:
    wanted = [
        (result, kind, number)
        for result in results
        for kind, on in ((baselines.NAIVE, result.row.naive), (baselines.CLI, result.row.cli))
        if on
        for number in range(runs)
    ]
    if not wanted:
        return
    _say(f"{len(wanted)} runs of the baselines at the same time")
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=len(wanted)) as pool:
        futures = {}
        for result, kind, number in wanted:
            place = folder / f"{result.row.name}-{kind}-{number}"
            future = pool.submit(baselines.measure, kind, result.row, worlds[result.row.name], place)
            futures[future] = (result, kind)
        for future in as_completed(futures):
            result, kind = futures[future]
            seconds = future.result()
            result.baselines.setdefault(kind, []).append(seconds)
            _say(
                f"{result.row.name}, {baselines.TITLES[kind]}: {seconds:.1f} s, after {time.monotonic() - began:.0f} s"
            )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
