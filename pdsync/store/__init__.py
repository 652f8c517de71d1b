"""What pdsync remembers: ledger, journal, runs, and plan files. Only the engine imports this package.

state = State.open(folder / "state.sqlite3", folder / "lock")
state.ledger.links_table()                   # reading needs no lock
with state.writing("apply") as writer:       # writing does
    with writer.transaction() as t:
        t.journal.outcome(...)
        t.ledger.set_bases(...)
"""

from pdsync.store.history import WRITTEN, History, Recent
from pdsync.store.plans import PlanWriter, copy_plan, read_plan
from pdsync.store.reader import LINK_COLUMNS, HeldCreate, LedgerReader, Pair
from pdsync.store.state import State, StateWriter, Transaction

__all__ = [
    "LINK_COLUMNS",
    "WRITTEN",
    "HeldCreate",
    "History",
    "LedgerReader",
    "Pair",
    "PlanWriter",
    "Recent",
    "State",
    "StateWriter",
    "Transaction",
    "copy_plan",
    "read_plan",
]
