"""Pipedrive's calls on the list of one person field: read it, add options, take options off (reference 1.2, [spec]).

Only custom fields of the types enum and set have a list that can be changed. Option calls are all or nothing and answer
the options that they touched. Whether two options may bear one label, and which rights a user's token needs, no public
source says; the scopes of an OAuth app are contacts:full, admin or contact-fields:full.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pdsync.clients import pipedrive_costs as costs
from pdsync.clients.http import Call, Http
from pdsync.clients.pipedrive_fields import FieldRow, OptionRow, options_of
from pdsync.errors import NotFound
from pdsync.model import Option

__all__ = ["add_options", "list_options", "remove_options"]


class _FieldAnswer(msgspec.Struct):
    data: FieldRow


class _OptionsAnswer(msgspec.Struct):
    data: list[OptionRow] | None


async def list_options(http: Http, code: str) -> Sequence[Option] | None:
    """The list of a field as it is now; None: there is no such field (any more)."""
    try:
        call = Call("GET", _path(code), f"read field {code}", cost=costs.GET)
        return options_of((await http.decode(call, _FieldAnswer)).data)
    except NotFound:
        return None


async def add_options(http: Http, code: str, labels: Sequence[str]) -> Sequence[Option]:
    """Add options; those that the answer shows."""
    call = Call(
        "POST",
        f"{_path(code)}/options",
        f"add options to field {code}",
        json=[{"label": label} for label in labels],
        cost=costs.WRITE,
        writes=True,
        repeatable=False,
    )
    answer = await http.decode(call, _OptionsAnswer)
    return [Option(str(row.id), row.label) for row in answer.data or ()]


async def remove_options(http: Http, code: str, ids: Sequence[str]) -> None:
    """Take options off. Not sent twice: the second time they would be unknown, and the answer a refusal."""
    call = Call(
        "DELETE",
        f"{_path(code)}/options",
        f"take options off field {code}",
        json=[{"id": _number(id_)} for id_ in ids],
        cost=costs.DELETE,
        writes=True,
        repeatable=False,
    )
    await http.send(call)


def _path(code: str) -> str:
    """The path of a field. A code comes out of plans and journals; nothing but a word may become part of a path."""
    if not (code.isascii() and code.replace("_", "").isalnum()):
        raise NotFound(f"{code!r} is no code of a Pipedrive field.")
    return f"/api/v2/personFields/{code}"


def _number(option: str) -> int:
    if not (option.isascii() and option.isdigit()):
        raise NotFound(f"{option!r} is no id of an option.")
    return int(option)
