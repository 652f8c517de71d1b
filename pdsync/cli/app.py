"""The ``pdsync`` command itself: knows every verb by name and sentence, and imports one only when it is called."""

from __future__ import annotations

import difflib
import importlib
from typing import Final

import click

import pdsync

__all__ = ["VERBS", "app"]

VERBS: Final = {
    "demo": "Show everything on invented people, on this machine only, in under a minute.",
    "check": "Name every problem of the mapping file, with file, line and column.",
    "pull": "Read both sides into snapshots.",
    "audit": "Look for what would go wrong, before anything is written.",
    "fixes": "Show a fix file, accept what it proposes, and see what is left to do by hand.",
    "acknowledge": "Accept a finding, with who, why and until when; without CODE list what is accepted.",
    "plan": "Show what a sync would write where, and write nothing.",
    "explain": "Explain one person: both records, link, findings, what would be written and why.",
    "show": "Show a plan: what would be written where, and why.",
    "apply": "Carry out exactly one plan.",
    "undo": "Take back what a run wrote.",
    "release": "Let go of what an undo or a lost answer keeps from being written.",
    "history": "List runs, or what one run wrote.",
    "tui": "Do all of this on a screen: audit, review, run and watch.",
    "report": "Run a notebook and write what it shows as one HTML file.",
    "notebooks": "Copy the notebooks into FOLDER, to run and change them in Jupyter.",
    "sandbox": "Serve stand-ins of both services on this machine.",
    "login": "Put the token or the keys of a side into the system's keyring.",
    "doctor": "Check settings, credentials, budget and state.",
}
"""Verb -> what it does, in the order in which a person meets them. The sentence is the first of the verb's help."""


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called; listing them imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(importlib.import_module(f"pdsync.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in VERBS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], VERBS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"There is no verb {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        from pdsync.cli.shell.exits import MEANINGS
        from pdsync.settings import SETTINGS

        with formatter.section(
            "Settings: flag, else environment, else pdsync.toml, else the default in brackets"
        ):
            formatter.write_dl(
                [
                    (
                        setting.variable,
                        f"{setting.says}; never in pdsync.toml"
                        if setting.secret
                        else f"{setting.says}{setting.shown_default}",
                    )
                    for setting in SETTINGS
                ]
            )
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in MEANINGS.items()])


@click.group(
    cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(pdsync.__version__, prog_name="pdsync")
def app() -> None:
    """Audit Pipedrive and Plezi before they are joined, then keep them joined: plan, review, apply, undo.

    Try it on invented people first: pdsync demo
    """
