"""Finds a plan by what a person types: the file, the plan's id or the beginning of it, or ``last``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.errors import UsageError

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.model import Plan

__all__ = ["find_plan", "keep_plan", "plan_path"]

_SUFFIX = ".pdsync"


def find_plan(ws: Workspace, name: str) -> Plan:
    """The plan that ``name`` means, checked whole, its changes read when asked for.

    Raises:
        UsageError: there is none, or there are several.
        InputFileError: the file is damaged or no plan.
        PlanOutdated: written in another format.
    """
    from pdsync.store import read_plan

    return read_plan(plan_path(ws, name))


def keep_plan(ws: Workspace, plan: Plan) -> None:
    """A copy of a plan that was written elsewhere, in the state folder, before it is carried out.

    The state knows by it which snapshots lie behind a run that can be undone: those are kept (design 7).

    Raises:
        StorageFull, StateError: it cannot be written.
    """
    from pdsync.store import copy_plan

    kept = ws.folder.plans / f"{plan.header.id}{_SUFFIX}"
    if plan.path and not kept.exists():
        copy_plan(Path(plan.path), kept)


def plan_path(ws: Workspace, name: str) -> Path:
    """The file that ``name`` means: a path first, then an id in the state folder."""
    path = Path(name)
    if path.is_file():
        return path
    folder = ws.folder.plans
    found = (
        sorted(folder.glob(f"*{_SUFFIX}"), key=lambda plan: plan.stat().st_mtime_ns)
        if folder.is_dir()
        else []
    )
    if name == "last" and found:
        return found[-1]
    matching = [plan for plan in found if name and plan.stem.startswith(name)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise UsageError(
            f"{name!r} is the beginning of {len(matching)} plans: {', '.join(plan.stem for plan in matching[:5])}.",
            untouched="Nothing was read or written.",
            next_step="Give more of the id.",
        )
    raise UsageError(
        f"There is no plan {name!r}, neither as a file nor in {folder}.",
        untouched="Nothing was read or written.",
        next_step="Make one: pdsync plan -o FILE"
        if not found
        else f"The newest is {found[-1].stem}: pdsync show last",
    )
