"""``python -m pdsync`` is the ``pdsync`` command, for places where no script is on the path."""

from pdsync.cli import main

main()
