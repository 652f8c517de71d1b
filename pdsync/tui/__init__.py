"""The terminal UI: one screen per question, one desk behind them all.

- ``desk``: the only door to the engine; what it is asked for is an errand (``errands``), done in another thread
  (``workroom``), so that no screen ever waits
- ``app``: what all screens share: the desk, how things stand, what is under way, themes and keys
- ``drafting``: the mapping that is being changed, as the screens share it
- ``screens``: Overview, Audit, Mapping, Plan, Run, History; each answers one question, and decides nothing
- ``widgets``: the table of any length, the masthead, the foot

Every action is also a command; each screen names the one that does the same. Text from a CRM reaches the screen through
``widgets.paint`` only, where it is inert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdsync.settings import Settings

__all__ = ["run"]


def run(settings: Settings, *, demo: bool = False) -> int:
    """Run the terminal UI until the person leaves; what it came to, as an exit code.

    Args:
        settings: As for any verb.
        demo: Say on every screen that these are invented people.

    Raises:
        SettingsError: ``[tui]`` names a theme or an action that there is not.
    """
    import asyncio
    import gc

    # What is loaded on the way to the first picture stays; looking through it for garbage takes a twentieth of the time.
    gc.disable()

    from pdsync.tui.app import PdsyncApp
    from pdsync.tui.desk import Desk

    desk = Desk(settings)
    app = PdsyncApp(desk, demo=demo, keys=settings.tui.keys, theme=settings.tui.theme)
    try:
        app.run()
    finally:
        gc.enable()
        asyncio.run(desk.close())
    if app.bug is not None:
        raise app.bug
    return app.return_code or 0
