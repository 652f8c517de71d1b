from __future__ import annotations

import re
from pathlib import Path

from pdsync.sandbox import plezi as package
from pdsync.sandbox.plezi.switches import PLEZI_SWITCHES
from tests.sandbox.plezi.stand import Stand


def test_every_switch_is_looked_at() -> None:
    """A switch that no code asks for would promise a behaviour that does not exist."""
    folder = Path(package.__file__).parent
    text = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py") if path.name != "switches.py")
    asked = set(re.findall(r'"(plezi\.[a-z_]+)"', text))
    assert {switch.name for switch in PLEZI_SWITCHES} == asked


def test_every_switch_says_why() -> None:
    """Name, meaning and source are there, and the default is one of the choices."""
    for switch in PLEZI_SWITCHES:
        assert switch.meaning
        assert switch.source
        assert not switch.choices or switch.default in switch.choices


def test_switches_can_be_listed(plezi: Stand) -> None:
    """The control API shows them with their marks."""
    names = [entry["name"] for entry in plezi.switches.listing()]
    assert [switch.name for switch in sorted(PLEZI_SWITCHES, key=lambda switch: switch.name)] == [
        name for name in names if str(name).startswith("plezi.")
    ]


def test_invented_routes_say_so() -> None:
    """Nobody may take the contact routes for Plezi's: neither path nor docstring leaves a doubt."""
    from pdsync.sandbox.plezi import contact_routes

    assert "sandbox" in contact_routes.PREFIX
    assert (contact_routes.__doc__ or "").startswith("OUR INVENTION")
