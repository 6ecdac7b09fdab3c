"""`python -m benchmarks`: measures, prints a table, writes the results. `make bench` runs it with its defaults.

Ours is measured first, run after run, on a machine that does nothing else; then all baselines at the same time, each on
a local Divio of its own, because they do little but wait. Nothing is extrapolated: what was not measured is a dash.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks import baselines, ours, previews
from benchmarks.estate import Estate, World
from benchmarks.report import EMPTY, Result, table, write
from benchmarks.rows import ROWS
from tests.divio_cli import NotInstallable, installed
from tests.interrupts import heed_interrupts

RESULTS = Path(__file__).parent / "results.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for; 1 where a bar is missed."""
    given = _parser().parse_args(arguments)
    heed_interrupts()
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
    given.runs = 1 if given.quick else given.runs
    given.baseline_runs = given.runs if given.baseline_runs is None else given.baseline_runs
    with ExitStack() as stack, tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        try:
            _measure(results, given, Path(name), stack)
        except (ours.WrongResult, NotInstallable) as error:
            _say(str(error))
            return 2
    print(table(results))
    options = {
        name: getattr(given, name) for name in ("runs", "baseline_runs", "at_once", "mirrors", "seconds", "quick")
    }
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
    parser.add_argument("--baseline-runs", type=int, metavar="N", help="of each baseline (default: as many as of ours)")
    parser.add_argument(
        "--at-once", action="store_true", help="the baselines beside ours instead of after it: ours pays for their work"
    )
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


def _measure(results: Sequence[Result], given: argparse.Namespace, folder: Path, stack: ExitStack) -> None:
    if any(result.row.cli for result in results):
        installed()
    estates: dict[tuple[int, int], Estate] = {}
    for row in (result.row for result in results if result.row.kind != "preview"):
        size = (row.mirrors, row.rate)
        if size not in estates:
            _say(f"bringing up 1+{row.mirrors} sites")
            place = folder / f"estate-{row.mirrors}-{row.rate}"
            place.mkdir()
            estates[size] = Estate(row.mirrors, row.rate, place, stack)
    # The longest first: they all have to end.
    runs = sorted(
        _baselines(results, given.baseline_runs), key=lambda run: -run[0].row.deployments * run[0].row.seconds
    )
    with ThreadPoolExecutor(max_workers=max(len(runs), 1)) as pool:

        def begin() -> None:
            for number, (result, kind) in enumerate(runs):
                world = estates[result.row.mirrors, result.row.rate].world(result.row.seconds)
                futures.append(pool.submit(_baseline, result, kind, world, folder / f"{kind}-{number}"))

        futures: list[Future[None]] = []
        if given.at_once:
            begin()
        for result in results:
            if result.row.kind == "preview":
                _preview(result, given.runs, folder / result.row.name)
                continue
            for number in range(given.runs):
                _ours(result, number, estates[result.row.mirrors, result.row.rate])
        if not given.at_once:
            begin()
        for future in as_completed(futures):
            future.result()


def _ours(result: Result, number: int, estate: Estate) -> None:
    measured = ours.measure(result.row, estate)
    result.ours.append(measured)
    _say(
        f"{result.row.name}, run {number + 1}: {measured.seconds:.1f} s, ratio {measured.seconds / result.row.ideal:.3f}, "
        f"pulumi up ended after {measured.ended:.1f} s, {measured.calls} calls, {measured.cpu:.1f} s of work, "
        f"load {measured.load:.1f}"
    )
    for step, took in measured.durations.items():
        _say(f"  {step}: {took or '-'}")


def _preview(result: Result, runs: int, folder: Path) -> None:
    result.ours, result.baselines[EMPTY] = previews.measure(result.row, runs, folder)
    for one, empty in zip(result.ours, result.baselines[EMPTY], strict=True):
        _say(
            f"{result.row.name}: {one.seconds:.1f} s, {empty:.1f} s of empty resources, ratio {one.seconds / empty:.2f}, "
            f"{one.cpu:.1f} s of work, load {one.load:.1f}"
        )


def _baselines(results: Sequence[Result], runs: int) -> list[tuple[Result, str]]:
    return [
        (result, kind)
        for result in results
        for kind, on in ((baselines.NAIVE, result.row.naive), (baselines.CLI, result.row.cli))
        if on
        for _ in range(runs)
    ]


def _baseline(result: Result, kind: str, world: World, folder: Path) -> None:
    seconds = baselines.measure(kind, result.row, world, folder)
    result.baselines.setdefault(kind, []).append(seconds)
    _say(f"{result.row.name}, {baselines.TITLES[kind]}: {seconds:.1f} s")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
