"""Runs one verb and turns whatever it comes to into one exit code, with one clear message and no traceback.

This is the border to the operating system: full disks, interrupts and bugs are named here, whatever the verb.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pdsync.cli.shell import output
from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.narration import Narration
from pdsync.cli.shell.verbs import Begun
from pdsync.errors import Interrupted, PdsyncError, StorageFull, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def run(words: Sequence[str]) -> ExitCode:
    """Run ``pdsync WORDS`` and return its exit code. Nothing is raised."""
    from pdsync.cli.app import app

    narration = Narration()
    begun = Begun()
    with begun.interrupts:
        code = _run(app, words, narration, begun)
    output.settle()
    return code


def _run(app: click.Command, words: Sequence[str], narration: Narration, begun: Begun) -> ExitCode:
    try:
        outcome = app.main(args=list(words), prog_name="pdsync", standalone_mode=False, obj=begun)
        return outcome if isinstance(outcome, ExitCode) else ExitCode.OK
    except click.exceptions.Exit as leaving:
        return ExitCode(leaving.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        output.write_text(error.format_message())
        return ExitCode.OK
    except click.ClickException as error:
        return _usage(error, words, narration)
    except (KeyboardInterrupt, click.Abort, Interrupted) as error:
        return _interrupted(error, words, narration)
    except PdsyncError as error:
        return _failed(error, words, narration)
    except OSError as error:
        return _system(error, words, narration, begun)
    except Exception as error:  # noqa: BLE001 - the last border: a bug becomes a report, never a traceback
        return _bug(error, words, narration, begun)


def _usage(error: click.ClickException, words: Sequence[str], narration: Narration) -> ExitCode:
    context = getattr(error, "ctx", None)
    narration.problem(error.format_message())
    command = context.command_path if context is not None else "pdsync"
    narration.problem(f"Nothing was read or written. See: {command} --help")
    if "--json" in words:
        output.write_json({"error": _as_data(UsageError(error.format_message()))})
    return ExitCode.USAGE


def _failed(error: PdsyncError, words: Sequence[str], narration: Narration) -> ExitCode:
    narration.error(error)
    if "--json" in words:
        output.write_json({"error": _as_data(error)})
    return ExitCode(error.exit_code)


def _interrupted(error: BaseException, words: Sequence[str], narration: Narration) -> ExitCode:
    if isinstance(error, Interrupted):
        return _failed(error, words, narration)
    narration.problem("Interrupted. What was acknowledged is kept; run the same command again to go on.")
    return ExitCode.INTERRUPTED


def _system(error: OSError, words: Sequence[str], narration: Narration, begun: Begun) -> ExitCode:
    if error.errno in _FULL:
        where = f" for {error.filename}" if error.filename else ""
        full = StorageFull(
            f"There is no room left on the disk{where}.",
            untouched="What was there before is as it was.",
            next_step="Make room, then run the same command again.",
        )
        return _failed(full, words, narration)
    return _bug(error, words, narration, begun)


def _bug(error: Exception, words: Sequence[str], narration: Narration, begun: Begun) -> ExitCode:
    from pdsync.cli.shell.crash import write_report

    path = write_report(error, words, begun.session.report_folder if begun.session else Path(".pdsync"))
    narration.problem(
        f"pdsync met a bug of its own ({type(error).__name__}). What was acknowledged is in the journal."
    )
    if path is None:
        narration.problem("No report could be written.")
    else:
        narration.problem(f"A report without personal data is in {path}; please send it with what you typed.")
    if "--json" in words:
        output.write_json(
            {"error": {"kind": "Bug", "message": type(error).__name__, "exit_code": ExitCode.BUG}}
        )
    return ExitCode.BUG


def _as_data(error: PdsyncError) -> dict[str, Any]:
    data: dict[str, Any] = {
        "kind": type(error).__name__,
        "message": error.message,
        "untouched": error.untouched,
        "next_step": error.next_step,
        "exit_code": error.exit_code,
    }
    findings = getattr(error, "findings", ())
    if findings:
        from pdsync.report.json import finding_data

        data["findings"] = [finding_data(finding) for finding in findings]
    return data
