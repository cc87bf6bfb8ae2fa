"""dashboard: the pages in a browser, from wherever the project is installed."""

from __future__ import annotations

import argparse
import os
import runpy
import sys
from typing import Any

from made.base.errors import MadeError
from made.base.places import dashboard_folder
from made.commands import output
from made.people import house
from made.people.house import FILE, MODES
from made.runs.store import PINNED

PORTS = range(1, 65536)


def add(commands: output.Commands) -> None:
    """The command that serves the pages."""
    what = "open the pages in a browser"
    parser = commands.add_parser(
        "dashboard",
        help=what,
        description=f"{what.capitalize()}, until Ctrl-C. Runs go on when the server ends.",
    )
    parser.add_argument(
        "--port", type=_port, metavar="N", help="The port to listen on. Default: 8501, or the next."
    )
    parser.add_argument(
        "--address",
        metavar="NAME",
        help="The address to listen on; 0.0.0.0 is every network of this machine, without a "
        "password. Default: localhost.",
    )
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="A name by which browsers reach it, beside those of this machine; more than once for "
        "several, .NAME for all that end so. MADE_HOSTS adds names, too.",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="Only serve the pages, and open no window."
    )
    rules = parser.add_argument_group(
        "who may do what", f"Kept in {FILE} in the runs folder, or where MADE_SETTINGS says."
    )
    rules.add_argument(
        "--mode",
        choices=MODES,
        help="mine: no login; class: a code and a name, and to each their own runs; exhibit: what "
        f"ships, and runs with the tag {PINNED!r}, to look at. Default: as kept, or mine.",
    )
    rules.add_argument(
        "--join",
        metavar="CODE",
        dest="join_code",
        help="Lets people into a class. Others on this machine can see what stands on a command "
        "line: write the file instead where that counts.",
    )
    rules.add_argument(
        "--teacher", metavar="CODE", dest="teacher_code", help="Lets the teacher of a class in."
    )
    parser.set_defaults(execute=dashboard)


def dashboard(arguments: argparse.Namespace) -> int:
    """Serve the pages in this process, as `python app.py` does.

    Raises MadeError where the pages are missing.
    """
    script = dashboard_folder() / "app.py"
    if not script.is_file():
        raise MadeError(
            f"The pages are missing from '{script.parent}': install the project again with "
            "`python -m pip install .`."
        )
    known = [os.environ.get("MADE_HOSTS", ""), *arguments.host]
    os.environ["MADE_HOSTS"] = " ".join(filter(None, known))
    if said := _rules(arguments):
        house.write(**said)
    print(f"Mode: {house.house().mode} ({house.settings_path()}).")
    # The server looks for its settings and its pages beside the script that it was started with.
    sys.argv = [str(script)]
    sys.path.insert(0, str(script.parent))
    runpy.run_path(str(script))["app"].run(config=_settings(arguments))
    return 0


def _rules(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the flags say of who may do what."""
    names = ("mode", "join_code", "teacher_code")
    said = {name: getattr(arguments, name) for name in names}
    return {name: value for name, value in said.items() if value is not None}


def _settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the flags say, by the server's own names; the rest stands beside the pages."""
    settings = {"server.port": arguments.port, "server.address": arguments.address}
    if arguments.no_browser:
        settings["server.headless"] = True
    return {name: value for name, value in settings.items() if value is not None}


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in PORTS:
        raise argparse.ArgumentTypeError(f"'{text[:20]}' is no port: choose 1 to 65535")
    return int(text)
