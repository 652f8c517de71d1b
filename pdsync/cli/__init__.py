"""The command line: one file per verb, and ``shell`` for what all verbs share.

Three habits hold for every verb: data goes to standard output and everything else to standard error; ``--json`` gives
the data as one JSON document; the exit code is one of ``shell.exits``. A verb calls the engine and shows what it
returned. If a verb can do something that a notebook cannot, it is in the wrong place.

A new verb is one file here with a command of its own name, and one line in ``app.VERBS``. Verbs are imported only when
they are called, so ``pdsync --help`` costs nothing but click.
"""

__all__ = ["main"]


def main() -> None:
    """The ``pdsync`` command: runs a verb and leaves with its exit code."""
    import sys

    from pdsync.cli.shell.running import run

    sys.exit(run(sys.argv[1:]))
