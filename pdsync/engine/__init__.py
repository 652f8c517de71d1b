"""Doing: the only part that talks to services and to the ledger.

Each module is one step of the way that data flows: ``pull`` reads, ``auditing`` looks, ``prepare`` plans, ``apply`` and
``undo`` write. The steps share a ``workspace.Workspace``. What to do is decided elsewhere, in ``pdsync.planning``.
"""
