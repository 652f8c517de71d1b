"""Keys and themes of pdsync.toml: what would be pressed, or looked for, in vain is said at once."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from textual.binding import Binding

import pdsync.tui
from pdsync.errors import SettingsError
from pdsync.tui.app import PdsyncApp
from pdsync.tui.customising import chosen_binding, known_keys, known_theme
from pdsync.tui.screens.every import EVERYWHERE, OWNERS
from tests.tui.fake_desk import FakeDesk
from tests.tui.test_screens import picture, shown


def checked(**keys: str) -> dict[str, str]:
    """The keys, ``overview__read`` for ``overview.read``."""
    chosen = {name.replace("__", "."): key for name, key in keys.items()}
    return known_keys(chosen, OWNERS, (PdsyncApp, *EVERYWHERE))


def test_keys_are_named_as_they_are_typed() -> None:
    """A sign, an upper case letter, a key with a name, and several of them."""
    assert checked(app__help="?, f1") == {"app.help": "question_mark,f1"}
    assert checked(overview__read="R") == {"overview.read": "R"}
    assert checked(audit__filter="ctrl+f,/") == {"audit.filter": "ctrl+f,slash"}


@pytest.mark.parametrize("key", ["", "ctrl+pagedwon", "bananas", ","])
def test_a_key_that_no_keyboard_has_is_refused(key: str) -> None:
    """The person would press it in vain."""
    with pytest.raises(SettingsError, match="there is no key"):
        checked(overview__read=key)


def test_an_unknown_action_and_an_unknown_theme_are_refused_with_what_is_near() -> None:
    """A misspelt name that is silently ignored looks like a bug."""
    with pytest.raises(SettingsError, match=r"no action 'overview\.raed'; did you mean 'overview\.read'\?"):
        checked(overview__raed="ctrl+r")
    with pytest.raises(SettingsError, match="no theme 'drak'; did you mean 'dark'"):
        known_theme("drak")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"overview__read": "a"}, r"a would be both overview\.read \(.*\) and overview\.audit"),
        ({"audit__sort": "q"}, r"q would be both audit\.sort \(Sort\) and app\.quit \(Quit\)"),
        ({"plan__apply": "ctrl+a,enter"}, r"enter would be both plan\.apply \(Apply\) and listing\.open"),
        ({"history__undo": "f5", "history__contact": "f5"}, "f5 would be both"),
    ],
)
def test_one_key_for_two_actions_is_refused(keys: dict[str, str], said: str) -> None:
    """One of them would never be reached: on the same screen, everywhere, or in a list."""
    with pytest.raises(SettingsError, match=said):
        checked(**keys)


def test_two_actions_may_change_places() -> None:
    """What counts is how it is in the end; and one key may mean something else on another screen."""
    assert checked(overview__read="a", overview__audit="r") == {"overview.read": "a", "overview.audit": "r"}
    assert checked(audit__sort="r")


def test_the_keys_as_they_are_do_not_clash_when_they_are_chosen() -> None:
    """Whoever writes down every key as it is gets what is there."""
    bindings = [one for owner in (*OWNERS, PdsyncApp, *EVERYWHERE) for one in owner.BINDINGS]
    for one in bindings:
        assert isinstance(one, Binding)
        assert one.id
        assert known_keys({one.id: one.key}, OWNERS, (PdsyncApp, *EVERYWHERE))


async def test_remapped_keys_work_and_are_shown() -> None:
    """In the foot and in the help, on the key that was chosen."""
    desk = FakeDesk()
    async with shown(desk, "f5", keys={"overview.read": "f5", "app.help": "h"}) as (app, pilot):
        assert "read" in desk.asked
        assert "f5 Read both sides" in picture(app)
        await pilot.press("h")
        await pilot.pause()
        assert "f5      Read both sides" in picture(app)


async def test_sentences_name_the_key_that_was_chosen() -> None:
    """What to press next, in the empty states, in the filter, in reasons, in the palette and in the help."""
    keys = {
        "overview.read": "f5", "overview.audit": "f6", "plan.again": "f7", "plan.filter": "ctrl+f",
        "audit.filter": "f3", "audit.fix": "f2", "app.quit": "f10", "run.pause": "!, space",
    }  # fmt: skip
    async with shown(FakeDesk(fresh=True), keys=keys) as (app, pilot):
        assert "press f5 to read both sides" in picture(app)
        await pilot.press("4")
        await pilot.pause()
        assert "^f to filter" in picture(app)
        assert "press f7 to plan" in picture(app)
        assert app.why_not("apply") == "There is no plan yet: press f7."
        await pilot.press("2")
        await pilot.pause()
        assert "f3 to filter" in picture(app)
        assert "press f5 on the Overview" in picture(app)
        await pilot.press("question_mark")
        await pilot.pause()
        assert "f2 shows what pdsync proposes" in picture(app)
        assert "key f10" in [one.help for one in app.get_system_commands(app.screen)]
        assert (
            app.naming_keys("{run.pause} {run.stop} {options.unpair} {app.help} {accept.put}") == "! s x ? ⏎"
        )


def test_every_key_that_a_text_names_is_that_of_an_action() -> None:
    """``{plan.again}`` in the text of a screen stands for a key; a name that nothing has would be a crash."""
    known = {
        one.id
        for owner in (*OWNERS, PdsyncApp, *EVERYWHERE)
        for one in owner.BINDINGS
        if isinstance(one, Binding)
    }
    named: set[str] = set()
    for path in Path(pdsync.tui.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Constant(value=str(text)):
                    named |= set(re.findall(r"\{([a-z]+\.[a-z-]+)\}", text))
                case ast.Call(
                    func=ast.Attribute(attr="key") | ast.Name(id="key"), args=[ast.Constant(value=str(name))]
                ):
                    named.add(name)
    assert len(named) > 30
    assert named <= known
    with pytest.raises(KeyError):
        chosen_binding("no.such", {}, (PdsyncApp,))


@pytest.mark.parametrize("size", [(80, 24), pytest.param((100, 30), marks=pytest.mark.long)])
@pytest.mark.parametrize("screen", "123456")
async def test_the_key_of_the_help_is_always_in_sight(screen: str, size: tuple[int, int]) -> None:
    """What else does not fit into the foot is found there."""
    async with shown(FakeDesk(), screen, size=size) as (app, _):
        foot = picture(app).splitlines()[-1]
        assert "? Help" in foot
        assert not foot.rstrip().endswith("...")


async def test_no_colour_is_what_the_environment_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR chooses the theme without colour, unless a theme was named."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with shown(FakeDesk()) as (app, _):
        assert app.theme == "no colour"
        styles = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip]
        colours = {one.color.get_truecolor() for one in styles if one is not None and one.color}
        assert all(len(set(colour)) == 1 for colour in colours)
    monkeypatch.setenv("NO_COLOR", "1")
    async with shown(FakeDesk(), theme="light") as (app, _):
        assert app.theme == "light"
