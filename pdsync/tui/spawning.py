"""Starts a worker of a screen or of the app: the one way in which something is done without anybody waiting for it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from textual.dom import DOMNode

__all__ = ["spawn"]


def spawn(
    node: DOMNode, do: Callable[[], Coroutine[Any, Any, None]], group: str, *, latest: bool = False
) -> None:
    """Do this in the app's loop; it ends with the node.

    Args:
        node: The screen, or the app.
        do: A coroutine function: a coroutine that nobody came to await would be a warning.
        group: What it is about.
        latest: End what is still under way in this group: its outcome interests nobody any more.
    """
    # textual's annotation asks for Coroutine[None, None, T], which no function declared with async def has.
    node.run_worker(do, group=group, exclusive=latest)  # type: ignore[arg-type]
