"""Behaviours behind names: what no public source settles, and what an account may have or not.

A stand-in that silently picks one of two possible behaviours teaches its client to rely on a guess. So each
guess is a switch: it has a default, a sentence, a certainty mark and a source, can be listed (``GET
/_sandbox/switches``) and be turned (``PUT``), and a client can be tested against both positions. Where nothing
is known the default is the position that is harder on the client.

Marks, as in the API reference: ``spec`` official OpenAPI file, ``doc`` official page, ``live`` seen on a real
account, ``code`` read in public code, ``infer`` our reading, ``unknown`` no source answers it, ``invented``
made up because something had to be there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pdsync.sandbox.database import Database

Value: TypeAlias = bool | int | str
Mark: TypeAlias = Literal["spec", "doc", "live", "code", "infer", "unknown", "invented"]

_SETTING = "switches"


class SwitchError(Exception):
    """No such switch, or not a value that it takes."""


@dataclass(frozen=True, slots=True)
class Switch:
    """One behaviour with more than one position."""

    name: str
    """``side.words_with_underscores``."""

    default: Value
    meaning: str
    """What happens in the default position, and in the other one."""

    mark: Mark
    """How certain the default is."""

    source: str
    choices: tuple[Value, ...] = ()
    """Allowed values, where there are a few."""

    allows: Callable[[Any], bool] = lambda _value: True
    """Whether a value is allowed, where they cannot be listed."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A guess without a switch: there is one position only, but it is no fact."""

    name: str
    """``side.words_with_underscores``."""

    mark: Mark
    meaning: str


class Switches:
    """The switches of both stand-ins and their positions, kept in the file."""

    def __init__(self, db: Database, switches: Iterable[Switch]) -> None:
        self._db = db
        self._known = {switch.name: switch for switch in switches}
        stored: dict[str, Value] = db.setting(_SETTING, {})
        self._turned = {name: value for name, value in stored.items() if name in self._known}

    def __getitem__(self, name: str) -> Value:
        turned = self._turned.get(name)
        return self._known[name].default if turned is None else turned

    def on(self, name: str) -> bool:
        """Whether a yes-or-no switch is on."""
        value = self[name]
        if not isinstance(value, bool):
            raise SwitchError(f"{name} is not a yes-or-no switch")
        return value

    def number(self, name: str) -> int:
        """The position of a switch that is a number."""
        value = self[name]
        if isinstance(value, bool) or not isinstance(value, int):
            raise SwitchError(f"{name} is not a number")
        return value

    def text(self, name: str) -> str:
        """The position of a switch that is a word."""
        value = self[name]
        if not isinstance(value, str):
            raise SwitchError(f"{name} is not a word")
        return value

    def turn(self, positions: dict[str, Value]) -> None:
        """Turn several switches, or none of them if one is refused."""
        for name, value in positions.items():
            self._check(name, value)
        self._turned |= positions
        self._db.set_setting(_SETTING, self._turned or None)

    def restore(self) -> None:
        """Every switch back to its default."""
        self._turned = {}
        self._db.set_setting(_SETTING, None)

    def listing(self) -> list[dict[str, object]]:
        """Every switch with its position, meaning, mark and source."""
        return [
            {
                "name": switch.name,
                "value": self[switch.name],
                "default": switch.default,
                "choices": list(switch.choices),
                "meaning": switch.meaning,
                "mark": switch.mark,
                "source": switch.source,
            }
            for switch in sorted(self._known.values(), key=lambda switch: switch.name)
        ]

    def _check(self, name: str, value: Value) -> None:
        switch = self._known.get(name)
        if switch is None:
            raise SwitchError(f"there is no switch '{name}'")
        if type(value) is not type(switch.default):
            raise SwitchError(f"{name} takes a {type(switch.default).__name__}, not {value!r}")
        if switch.choices and value not in switch.choices:
            raise SwitchError(f"{name} is one of {', '.join(map(str, switch.choices))}, not {value!r}")
        if not switch.allows(value):
            raise SwitchError(f"{name} cannot be {value!r}")


def parse_position(switches: Iterable[Switch], name: str, text: str) -> Value:
    """The position that a text from the command line means; whether it is allowed is seen when it is turned."""
    default = next((switch.default for switch in switches if switch.name == name), None)
    if default is None:
        raise SwitchError(f"there is no switch '{name}'")
    if isinstance(default, bool):
        if text not in ("true", "false"):
            raise SwitchError(f"{name} is true or false, not '{text}'")
        return text == "true"
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError as error:
            raise SwitchError(f"{name} is a number, not '{text}'") from error
    return text
