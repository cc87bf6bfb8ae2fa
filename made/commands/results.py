"""results: what finished runs have reached, beside published figures."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from made.base.errors import MadeError
from made.base.text import counted
from made.commands import output

if TYPE_CHECKING:
    from made.studies.results import Result


def add(commands: output.Commands) -> None:
    parser = commands.add_parser(
        "results",
        help="a table of what finished runs have reached",
        description="Test NLL, or exact KL where the truth is known, of finished runs, with the "
        "commands that repeat them and published figures beside them.",
    )
    parser.add_argument(
        "runs", metavar="RUN", nargs="*", help="Runs to show. Default: every finished one."
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--markdown", action="store_true", help="Print Markdown instead of text.")
    forms.add_argument(
        "--readme",
        type=Path,
        metavar="FILE.md",
        help="Write the Markdown between the markers results:start and results:end of a file.",
    )
    forms.add_argument(
        "--pivot",
        nargs=2,
        metavar=("SETTING", "SETTING"),
        help="Print the figures by two settings, such as encoding head, as a Markdown table.",
    )
    output.add_json(forms)
    parser.set_defaults(execute=show_results)


def show_results(arguments: argparse.Namespace) -> int:
    from made import runs
    from made.runs import loading
    from made.studies import result_tables, results

    if arguments.runs:
        chosen = {run.path: run for run in map(loading.find_run, arguments.runs)}
        found = [results.read_result(run) for run in chosen.values()]
    else:
        found = results.read_results(runs.list_runs())
    found = results.in_order(found)
    if arguments.json:
        names = dict.fromkeys(row.dataset for row in found)
        beside = [asdict(row) for name in names for row in results.published(name)]
        output.print_json({"runs": [asdict(row) for row in found], "published": beside})
    elif not found:
        raise MadeError("No run has finished yet: `python -m made train --preset digits8` is one.")
    elif arguments.readme:
        output.fill_file(arguments.readme, result_tables.to_markdown(found), "results")
        print(f"{arguments.readme}: {counted(len(found), 'run')}")
    elif arguments.pivot:
        print(result_tables.to_pivot(found, *arguments.pivot))
    elif arguments.markdown:
        print(result_tables.to_markdown(found))
    else:
        _print(found)
    return 0


def _print(found: list[Result]) -> None:
    from made.studies.result_tables import said_figures
    from made.studies.results import mean_figure, repetitions

    headers = ("dataset", "model", "runs", "figure", "single pass", "mixture", "mask sets")
    lines = repetitions(found)
    single, mixture = (
        [mean_figure(rows, name) for rows in lines] for name in ("single", "mixture")
    )
    table = [
        (
            rows[0].dataset,
            rows[0].model if len(rows) == 1 else rows[0].set_up,
            len(rows),
            "test NLL" if rows[0].kl is None else "exact KL",
            *figures,
            rows[0].num_mask_sets,
        )
        for rows, *figures in zip(lines, said_figures(single), said_figures(mixture), strict=True)
    ]
    output.print_table(headers, table)
    print(
        "\nnats / example, ± one standard error: over the runs where they differ in their seeds "
        "alone, else over the test examples; --markdown adds commands and published figures, "
        "--json everything."
    )
