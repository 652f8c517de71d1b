"""A change by its outline: enough to count it, to find it and to leave it out, without merge bases and reasons.

A ``Change`` is its own outline. A plan file gives outlines some twenty times as fast as whole changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pdsync.model.plans import ChangeKind
from pdsync.model.records import Subject
from pdsync.model.values import Missing, Side, Value

__all__ = ["FieldOutline", "Outline"]


class FieldOutline(Protocol):
    """One value of one record; what its attributes mean is said at ``FieldChange``."""

    @property
    def key(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def before(self) -> Value | Missing: ...
    @property
    def after(self) -> Value: ...
    @property
    def deferred(self) -> str: ...


class Outline(Protocol):
    """One change; what its attributes mean is said at ``Change``."""

    @property
    def kind(self) -> ChangeKind: ...
    @property
    def side(self) -> Side: ...
    @property
    def pipedrive_id(self) -> str: ...
    @property
    def plezi_id(self) -> str: ...
    @property
    def record_id(self) -> str: ...
    @property
    def partner_id(self) -> str: ...
    @property
    def subject(self) -> Subject: ...
    @property
    def title(self) -> str: ...
    @property
    def fields(self) -> Sequence[FieldOutline]: ...
    @property
    def bases(self) -> Mapping[str, object]: ...
    @property
    def unmark(self) -> Sequence[str]: ...
    @property
    def number(self) -> int: ...
    @property
    def depends_on(self) -> int: ...
