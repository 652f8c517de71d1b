"""Bodies as JSON, before anybody looks at their meaning.

Refused is what could not be kept or sent back: NaN and infinity, unpaired surrogates, bottomless nesting, whole numbers
beyond 64 bits. How Pipedrive words that is not known.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from pdsync.sandbox.pipedrive.problems import invalid
from pdsync.sandbox.wire import encode


async def read_json(request: Request) -> Any:  # noqa: ANN401 - JSON is of any type
    """The body, whatever it is."""
    raw = await request.body()
    try:
        value = json.loads(raw, parse_constant=_refuse_constant)
        encode(value)  # what we could not send back, we do not take
    except (ValueError, OverflowError, RecursionError) as error:
        raise invalid("the body is not valid JSON") from error
    return value


async def read_object(request: Request) -> dict[str, Any]:
    """A body that is an object."""
    value = await read_json(request)
    if not isinstance(value, dict):
        raise invalid("the body must be an object")
    return value


async def read_objects(request: Request) -> list[dict[str, Any]]:
    """A body that is an array of objects, with at least one."""
    value = await read_json(request)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid("the body must be an array of objects")
    if not value:
        raise invalid("the body must contain at least 1 items")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
