"""Everything with keys of its own, for whoever changes keys. Loaded only then: the first picture needs one screen."""

from __future__ import annotations

from typing import Final

from pdsync.tui.screens.accept import Accept
from pdsync.tui.screens.ask import Ask
from pdsync.tui.screens.audit import Audit
from pdsync.tui.screens.choose import Choose
from pdsync.tui.screens.confirm import Confirm
from pdsync.tui.screens.contact import Contact
from pdsync.tui.screens.difference import Difference
from pdsync.tui.screens.help import Help
from pdsync.tui.screens.history import History
from pdsync.tui.screens.mapping import Mapping
from pdsync.tui.screens.messages import Messages
from pdsync.tui.screens.option_pairs import OptionPairs
from pdsync.tui.screens.overview import Overview
from pdsync.tui.screens.plan import Plan
from pdsync.tui.screens.run import Run
from pdsync.tui.widgets.listing import Listing

__all__ = ["EVERYWHERE", "OWNERS", "PAGES", "SCREENS"]

SCREENS: Final = (Overview, Audit, Mapping, OptionPairs, Difference, Plan, Run, History, Contact)
PAGES: Final = (Accept, Ask, Choose, Confirm, Help, Messages)
OWNERS: Final = (*SCREENS, *PAGES)
EVERYWHERE: Final = (Listing,)
"""Beside the app: what has its keys on most screens."""
