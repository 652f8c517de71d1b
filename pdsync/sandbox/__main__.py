"""``python -m pdsync.sandbox --db FILE``: serve both stand-ins on loopback until told to stop.

Exit codes: 0 stopped as asked, 2 wrong options, a file that cannot be used, or a port that is taken.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from pdsync.sandbox.account import ENVIRONMENT_PREFIX, Account, AccountError
from pdsync.sandbox.assembly import SWITCHES, Seeding
from pdsync.sandbox.database import DatabaseFileError
from pdsync.sandbox.pipedrive.switches import PLANS
from pdsync.sandbox.process import Options, serve
from pdsync.sandbox.seeding import DEFAULT_CHANGED_PERCENT, DEFAULT_SEED, DEFAULT_SIZE, WORLDS, NotEmptyError
from pdsync.sandbox.switches import SwitchError, Value, parse_position


class OptionError(Exception):
    """An option that cannot be read."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pdsync.sandbox",
        description="Stand-ins of Pipedrive and Plezi on 127.0.0.1, with all state in one file.",
        epilog=f"Keys and ids of the accounts may be set by {ENVIRONMENT_PREFIX}<NAME>, e.g. "
        f"{ENVIRONMENT_PREFIX}PIPEDRIVE_TOKEN, or by --account NAME=VALUE. Names: {', '.join(sorted(Account.names()))}.",
    )
    parser.add_argument("--db", type=Path, required=True, metavar="FILE", help="made if it does not exist")
    parser.add_argument(
        "--pipedrive-port", type=_port, default=0, metavar="PORT", help="0 (default): any free one"
    )
    parser.add_argument(
        "--plezi-port", type=_port, default=0, metavar="PORT", help="0 (default): any free one"
    )
    parser.add_argument("--plan", choices=PLANS, help="Pipedrive plan (same as --switch pipedrive.plan=PLAN)")
    parser.add_argument(
        "--switch", action="append", default=[], metavar="NAME=VALUE", help="position of a switch"
    )
    parser.add_argument("--account", action="append", default=[], metavar="NAME=VALUE", help="a key or an id")
    parser.add_argument("--seed", choices=WORLDS, help="put a made-up world into an empty file")
    parser.add_argument(
        "--seed-number", type=int, default=DEFAULT_SEED, metavar="N", help="same number, same world"
    )
    parser.add_argument(
        "--size", type=int, default=DEFAULT_SIZE, metavar="N", help="pairs in the world 'bench'"
    )
    parser.add_argument(
        "--changed-percent",
        type=float,
        default=DEFAULT_CHANGED_PERCENT,
        metavar="P",
        help="of them, in 'bench'",
    )
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when stdin closes")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop."""
    parser = _parser()
    given = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    # uvicorn reports what faults do on purpose (answers cut short) as errors of its own.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    try:
        options = Options(
            path=given.db,
            pipedrive_port=given.pipedrive_port,
            plezi_port=given.plezi_port,
            account=Account.from_environment(os.environ) | _pairs(given.account),
            positions=_positions(_pairs(given.switch), given.plan),
            seeding=given.seed and Seeding(given.seed, given.seed_number, given.size, given.changed_percent),
            exit_with_parent=given.exit_with_parent,
        )
        asyncio.run(serve(options))
    except (
        SwitchError,
        OptionError,
        AccountError,
        DatabaseFileError,
        NotEmptyError,
        OSError,
        sqlite3.Error,
    ) as error:
        parser.exit(2, f"{parser.prog}: {error}\n")
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not '{text}'")
    return int(text)


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise OptionError(f"'{text}' is not NAME=VALUE")
        pairs[name] = value
    return pairs


def _positions(pairs: dict[str, str], plan: str | None) -> dict[str, Value]:
    positions: dict[str, Value] = {name: parse_position(SWITCHES, name, text) for name, text in pairs.items()}
    return positions if plan is None else positions | {"pipedrive.plan": plan}


if __name__ == "__main__":
    sys.exit(main())
