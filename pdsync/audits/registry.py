"""Finds the audits: every module of this package that says ``AUDITS``. Adding one is adding a file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

import pdsync.audits
from pdsync.audits.declaring import Audit
from pdsync.model import AuditRule

__all__ = ["asked_by", "audit_codes", "every_audit"]


@cache
def every_audit() -> tuple[Audit, ...]:
    """All audits, gravest first, then by code.

    Raises:
        ValueError: two audits have the same code.
    """
    found: dict[str, Audit] = {}
    for module in pkgutil.iter_modules(pdsync.audits.__path__):
        for audit in getattr(importlib.import_module(f"pdsync.audits.{module.name}"), "AUDITS", ()):
            if audit.code in found:
                raise ValueError(f"two audits have the code {audit.code!r}")
            found[audit.code] = audit
    return tuple(sorted(found.values(), key=lambda audit: (audit.severity.rank, audit.code)))


def asked_by(rules: Mapping[str, AuditRule]) -> frozenset[str]:
    """The audits on request that a mapping's ``audits`` name and do not switch off."""
    return frozenset(
        audit.code
        for audit in every_audit()
        if audit.on_request and audit.code in rules and not rules[audit.code].off
    )


def audit_codes() -> frozenset[str]:
    """The codes that a mapping's ``audits`` may name."""
    return frozenset(audit.code for audit in every_audit())
