"""The shipped mapping in a folder of the test's own, and invented people to look at it with: long names, hostile text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pdsync.mapfiles import load_fields, shipped_fields, shipped_mapping
from pdsync.model import Record, Side
from tests.engine.mapping_world import MappingWorld
from tests.report.build import HOSTILE

__all__ = ["MAPPING", "shipped_world"]

MAPPING = Path("mappings/contacts.yaml")
"""Relative, so that pictures are the same on every machine: tests change into the folder."""

_CODES = {
    "plezi_url": "30f3be3435659dcda8ca582dad2872e63d7388ff",
    "sync": "df09b1a759903af7ec90b1679ed89382acccf660",
    "source": "31e9e0c900d35887ada21066ce712d05cf466fe7",
    "score": "3afcc860f4f0439335254017036ff8f03db7c678",
    "status": "1d72d914b306c72d297fa49dcc88a10f36eaaccf",
    "function": "e9a3c2108c22bf2df17392b1ea42c2bccb63f4d8",
    "secteur": "b9d29c27d7f187cb6eba5485c7d2ecb07143c19c",
    "interets": "dd2d00f9d3a49698d9a71925c619d5e06d0a925a",
    "revenue": "41d6b30199d57bca475e5ba5b4bf5c81831be06e",
    "born": "0c6f00dc0468fbce8f8c54dba382e0245f35f921",
}


def _person(identifier: str, address: str, **values: Any) -> Record:
    held = {_CODES.get(name, name): value for name, value in values.items()}
    emails = [{"value": address, "primary": True, "label": "work"}]
    base: dict[str, Any] = dict.fromkeys([*_CODES.values(), "first_name", "last_name", "marketing_status"])
    base |= {"first_name": "Lucile", "last_name": "Rivière", "email": emails, _CODES["sync"]: 35}
    return Record(Side.PIPEDRIVE, identifier, base | held)


def _contact(identifier: str, address: str, **values: Any) -> Record:
    known = load_fields(shipped_fields(Side.PLEZI)).by_code
    base: dict[str, Any] = dict.fromkeys(known)
    base |= {"first_name": "Lucile", "last_name": "Rivière", "email": address, "opted_out": False}
    return Record(Side.PLEZI, identifier, base | values)


PERSONS = [
    _person(
        "1042",
        "lucile.riviere@agence-de-developpement.example.com",
        function="Directrice générale adjointe chargée du développement",
        secteur=43,
        interets=[55, 60],
        revenue=1_250_000,
        score="37",
    ),
    _person("1043", "zoe@example.com", first_name=HOSTILE, secteur=45, function="DSI"),
    _person("1044", "mael@example.com", secteur=44, sync=36),
    *(_person(f"{2000 + number}", f"p{number}@example.com", secteur=37 + number % 9) for number in range(40)),
]
CONTACTS = [
    _contact(
        "5f00000001052d32abcf5ced",
        "lucile.riviere@agence-de-developpement.example.com",
        plezi_url="https://app.plezi.example/contacts/5f00000001052d32abcf5ced",
        source="Campagne de prospection",
        behaviour_score=42,
        state="Engagée",
        function="Directrice générale adjointe",
        plz_secteur="industrie-energie",
        plz_centres_d_interet=["crm"],
        plz_chiffre_d_affaires=1_250_000,
    ),
    _contact("5f01", "zoe@example.com", plz_secteur="santé", source=HOSTILE),
    *(_contact(f"6f{number:02}", f"p{number}@example.com", plz_secteur="education") for number in range(30)),
]


def shipped_world(folder: Path, text: str = "") -> MappingWorld:
    """The mapping with its field lists in this folder, the current one, and everybody read."""
    world = MappingWorld(
        folder,
        text or shipped_mapping().read_text(encoding="utf-8"),
        remote={side: load_fields(shipped_fields(side)).fields for side in Side},
    )
    world.read(PERSONS, CONTACTS)
    world.at(MAPPING)
    return world
