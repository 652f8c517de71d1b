"""``pdsync sandbox``: both services on this machine, to try things on."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from pdsync.cli.shell import output
from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.stand_in import PLAN, StandIn, export_lines
from pdsync.cli.shell.verbs import Session, verb
from pdsync.settings.table import PipedrivePlan

__all__ = ["sandbox"]


@verb()
@click.option(
    "--db", type=click.Path(path_type=Path), metavar="FILE", help="Keep everything in this file [temporary]."
)
@click.option(
    "--seed", type=click.Choice(["demo", "bench"]), help="Fill an empty sandbox with invented people."
)
@click.option(
    "--plan",
    type=click.Choice([plan.value for plan in PipedrivePlan]),
    default=PLAN,
    show_default=True,
    help="Pipedrive's plan.",
)
@click.option("--pipedrive-port", type=click.IntRange(0, 65535), default=0, help="[any free one]")
@click.option("--plezi-port", type=click.IntRange(0, 65535), default=0, help="[any free one]")
def sandbox(
    session: Session, *, db: Path | None, seed: str | None, plan: str, pipedrive_port: int, plezi_port: int
) -> ExitCode:
    """Serve stand-ins of both services on this machine.

    Prints the lines that point pdsync at it, then serves until Ctrl-C. Only this machine can reach it. What the
    stand-ins invent (there is no public reference of Plezi's contact routes) is behind switches: see
    python -m pdsync.sandbox --help.
    """
    options = ["--plan", plan, "--pipedrive-port", str(pipedrive_port), "--plezi-port", str(plezi_port)]
    if seed:
        options += ["--seed", seed]
    with tempfile.TemporaryDirectory(prefix="pdsync-sandbox-") as folder:
        session.say("Starting the sandbox ...")
        with StandIn(db or Path(folder) / "sandbox.sqlite3", options) as stand_in:
            try:
                _introduce(session, stand_in, {**stand_in.environment(), "PDSYNC_PIPEDRIVE_PLAN": plan})
                return ExitCode.OK if stand_in.wait() == 0 else ExitCode.USAGE
            except KeyboardInterrupt:
                session.say("The sandbox has ended.")
                return ExitCode.OK


def _introduce(session: Session, stand_in: StandIn, environment: dict[str, str]) -> None:
    """Say where it listens, and how to point the other verbs at it."""
    session.deliver(
        lambda _: [export_lines(environment)],
        lambda: {"kind": "sandbox", "version": 1, "environment": environment, "pid": stand_in.pid},
    )
    output.settle()
    session.say(f"Pipedrive on {stand_in.pipedrive_url}, Plezi on {stand_in.plezi_url}.")
    session.say("Put the lines above into another terminal, then try: pdsync pull. Ctrl-C ends the sandbox.")
