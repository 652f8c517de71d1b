"""What a verb prints with ``--json`` is what the published schemas describe."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

import pdsync.report

__all__ = ["SCHEMAS", "check_published"]

SCHEMAS = Path(pdsync.report.__path__[0]) / "schemas"
_OWN = {"audit": "audit", "plan": "plan", "run": "run", "history": "run", "explanation": "explanation"}
"""Kinds with a schema of their own; all others are in ``verbs-v1``."""


@cache
def _validator(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(
        json.loads((SCHEMAS / f"{name}-v1.schema.json").read_text(encoding="utf-8"))
    )


def check_published(document: Any) -> None:
    """Refuse a document that a program could not rely on."""
    kind = document.get("kind", "error")
    error = jsonschema.exceptions.best_match(_validator(_OWN.get(kind, "verbs")).iter_errors(document))
    assert error is None, f"{kind}: {error.json_path}: {error.message}"
    if kind == "demo":
        check_published(document["audit"])
