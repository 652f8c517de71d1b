"""What a person may choose in pdsync.toml, checked against what there is: themes and keys."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from textual.binding import Binding, InvalidBinding
from textual.dom import DOMNode
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from pdsync.errors import SettingsError
from pdsync.tui.themes import THEMES

__all__ = ["chosen_binding", "known_keys", "known_theme"]

_KEYS = frozenset([*(key.value for key in Keys), *KEY_NAME_REPLACEMENTS.values()])


def known_theme(name: str) -> str:
    """The theme of this name.

    Raises:
        SettingsError: there is none.
    """
    names = [theme.name for theme in THEMES]
    if name not in names:
        raise _unknown(f"[tui] theme: there is no theme {name!r}", names, name)
    return name


def known_keys(
    keys: Mapping[str, str], owners: Iterable[type[DOMNode]], everywhere: Sequence[type[DOMNode]]
) -> dict[str, str]:
    """Keys by the id of their action, as textual names them: ``?`` is ``question_mark``.

    Args:
        keys: As the settings have them; several keys of one action are separated by commas.
        owners: Screens and pages, of which one is in front at a time.
        everywhere: What has keys beside every owner's.

    Raises:
        SettingsError: an id that no action has, a key that no keyboard has, or one key for two actions. Each would be
            silently ignored, and the person would press the key in vain.
    """
    ids = [one.id for owner in (*owners, *everywhere) for one in _of(owner) if one.id]
    chosen: dict[str, str] = {}
    for name, text in keys.items():
        if name not in ids:
            raise _unknown(f"[tui.keys]: there is no action {name!r}", ids, name)
        named = _named(text)
        strange = next((key for key in named if not _is_key(key)), None if named else text)
        if strange is not None:
            raise SettingsError(
                f"[tui.keys] {name}: there is no key {strange!r}.",
                untouched="Nothing was read or written.",
                next_step="A letter, a sign, or a name such as f2, ctrl+r, space, pagedown; several with commas between.",
            )
        chosen[name] = ",".join(named)
    _refuse_clashes(chosen, owners, everywhere)
    return chosen


def chosen_binding(name: str, chosen: Mapping[str, str], at_hand: Sequence[type[DOMNode]]) -> Binding:
    """The binding of an action with the first of its keys, for texts that name it.

    Args:
        name: The id of the action.
        chosen: As ``known_keys`` returns them.
        at_hand: Where to look before everything else with keys is loaded.

    Raises:
        KeyError: no action has this id: a mistake in the text.
    """
    found = _with_id(name, at_hand)
    if found is None:
        from pdsync.tui.screens.every import EVERYWHERE, OWNERS

        found = _with_id(name, (*OWNERS, *EVERYWHERE))
    if found is None:
        raise KeyError(name)
    return _first_key(found, chosen)


def _with_id(name: str, owners: Iterable[type[DOMNode]]) -> Binding | None:
    return next((one for owner in owners for one in _of(owner) if one.id == name), None)


def _first_key(binding: Binding, chosen: Mapping[str, str]) -> Binding:
    own = binding.id in chosen
    keys = replace(binding, key=chosen[binding.id or ""], key_display=None) if own else binding
    return next(iter(Binding.make_bindings([keys])))


def _named(text: str) -> list[str]:
    """Each key by textual's name for it; nothing if there is none."""
    try:
        return [one.key for one in Binding.make_bindings([Binding(text, "")])]
    except InvalidBinding:
        return []


def _of(owner: type[DOMNode]) -> Iterator[Binding]:
    return (one for one in owner.BINDINGS if isinstance(one, Binding))


def _is_key(name: str) -> bool:
    """Whether a terminal can tell this key; ``ctrl+alt+x`` is judged by its last part."""
    *_, key = name.removesuffix("+").split("+")
    return name in _KEYS or len(key) == 1 or key in _KEYS or key_to_character(key) is not None


def _refuse_clashes(
    chosen: Mapping[str, str], owners: Iterable[type[DOMNode]], everywhere: Sequence[type[DOMNode]]
) -> None:
    """Only a key that was chosen can clash; what a screen takes over from the app by default is meant."""
    always = [one for owner in everywhere for one in _of(owner)]
    for owner in owners:
        for one, other in combinations([*_of(owner), *always], 2):
            same = one.action.removeprefix("app.") == other.action.removeprefix("app.")
            if same or not {one.id, other.id} & set(chosen):
                continue
            both = _keys(one, chosen) & _keys(other, chosen) - (_keys(one, {}) & _keys(other, {}))
            if both:
                raise SettingsError(
                    f"[tui.keys]: {min(both)} would be both {one.id} ({one.description}) and "
                    f"{other.id} ({other.description}).",
                    untouched="Nothing was read or written.",
                    next_step="Give one of them another key.",
                )


def _keys(binding: Binding, chosen: Mapping[str, str]) -> set[str]:
    return set(_named(chosen.get(binding.id or "", binding.key)))


def _unknown(what: str, known: list[str], name: str) -> SettingsError:
    near = difflib.get_close_matches(name, known, n=1)
    return SettingsError(
        f"{what}{f'; did you mean {near[0]!r}?' if near else '.'}",
        untouched="Nothing was read or written.",
        next_step=f"Known are: {', '.join(known)}",
    )
