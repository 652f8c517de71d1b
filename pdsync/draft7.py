"""JSON Schema's draft-07 validator, loaded without what it would bring along.

Mapping files and API profiles are checked against schemas. Where JupyterLab is installed (the ``notebooks`` extra),
``import jsonschema`` also builds 39 grammars of international web addresses (``rfc3987_syntax``): 2.4 seconds at every
start, for formats that no schema of pdsync names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonschema import Draft7Validator

__all__ = ["lean_jsonschema", "validator"]

_GRAMMARS: Final = "rfc3987_syntax"


@contextmanager
def lean_jsonschema() -> Iterator[None]:
    """Whatever imports jsonschema in here gets it without those grammars; others may still import them later."""
    hidden = _GRAMMARS not in sys.modules
    if hidden:
        sys.modules[_GRAMMARS] = None  # type: ignore[assignment] # to import: it is not installed
    try:
        yield
    finally:
        if hidden:
            sys.modules.pop(_GRAMMARS, None)


def validator(schema: Mapping[str, Any]) -> Draft7Validator:
    """A validator of documents against this schema."""
    with lean_jsonschema():
        from jsonschema import Draft7Validator

    return Draft7Validator(dict(schema))
