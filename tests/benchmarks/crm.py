"""A CRM and its marketing list of any size, as snapshots under the shipped mapping: what the audits are measured on.

Of a hundred persons about nine have something that an audit looks for: duplicates, odd names, odd addresses, spellings of
options, values that do not fit. A block of 50,000 persons and 20,000 contacts is written by the real writer; larger
databases are that block again and again, with ids, addresses and rare surnames of their own, so that keys and distinct
values grow with the size as they do in life.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pdsync.mapfiles import load_fields, load_mapping
from pdsync.model import Account, BoundMapping, Coverage, Direction, Record, RemoteSchema, Side, Value
from pdsync.planning.binding import bind
from pdsync.sandbox.seeding.people import People, ascii_slug
from pdsync.snapshots.manifest import ADDRESSES, MANIFEST, OPTIONS, RECORDS
from pdsync.snapshots.reader import Snapshot, open_snapshot, snapshots_folder
from pdsync.snapshots.writer import SnapshotWriter
from tests.snapshots.build import NOON, record

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BLOCK", "Crm", "made"]

BLOCK: Final = {Side.PIPEDRIVE: 50_000, Side.PLEZI: 20_000}
MAPPINGS: Final = Path(__file__).parents[2] / "mappings"
ACCOUNTS: Final = {
    Side.PIPEDRIVE: Account(Side.PIPEDRIVE, "4711", "Acme SAS", "acme.example.com"),
    Side.PLEZI: Account(Side.PLEZI, "acme", "Acme"),
}
_HEADS: Final = ["bel", "cou", "dar", "fau", "gri", "lan", "mar", "pel", "rou", "tur", "val", "ver"]
_BODIES: Final = ["bo", "du", "ga", "le", "mi", "no", "pa", "ra", "se", "to", "vi", "zé"]
_ENDS: Final = ["lin", "mont", "nier", "rac", "reau", "sac", "tel", "vard", "vin", "zier"]

ODD_NAMES: Final = (
    ("Test", "Rivière"), ("Mme Lucile", "Rivière"), ("Rivière", "SARL"), ("Lucile", "Rivière 2"), ("RIVIÈRE", "Lucile"),
    ("RiviÃ¨re", "Lucile"), ("Jean", "Pierre Rivière"), ("Jean Marc", "Rivière"), ("Lucile", "Lucile"), ("-", "Rivière"),
    ("Lucile", "RIVIÈRE"), ("Lucile", None), (None, "Rivière"), ("Lucile", "de La Rivière"), ("Nguyễn", "Văn Minh"),
    ("محمد", "الأمين"), ("Lucile 🦊", "Rivière"), ("lucile@example.com", "Rivière"),
)  # fmt: skip
ODD_ADDRESSES: Final = (
    "lucile{}@@example.com", "info{}@example.com", "{2}+crm@{3}", "", "lucile{}@gmial.com",
    "l.u.c.{1}@gmail.com", "luc{1}@gmail.com", "lucile{}@yopmail.com", "contact@l{}.example.com",
)  # fmt: skip
FUNCTIONS: Final = (
    "Directrice",
    "directrice",
    "DG",
    "Acheteur",
    "Responsable des achats",
    "Resp. achats",
    "CEO",
    "",
)
_RARE: Final = "zor"
"""Stands in rare surnames where each block has a syllable of its own."""


@dataclass(frozen=True)
class Crm:
    """Both snapshots, the shipped mapping bound to them, and the links of an earlier run."""

    snapshots: Mapping[Side, Snapshot]
    bound: BoundMapping
    links: pa.Table

    @property
    def name(self) -> str:
        rows = {side: self.snapshots[side].rows for side in Side}
        return ", ".join(f"{number:,} {side.noun}s" for side, number in rows.items())


def made(folder: Path, persons: int) -> Crm:
    """As many persons, in whole blocks, and two contacts for five persons; made once for each folder."""
    blocks = max(1, persons // BLOCK[Side.PIPEDRIVE])
    schemas = {
        side: replace(load_fields(MAPPINGS / "fields" / f"{side}.yaml", side), account=ACCOUNTS[side])
        for side in Side
    }
    mapping = load_mapping(MAPPINGS / "contacts.yaml")
    both_ways = tuple(
        replace(one, direction=Direction.BOTH) if one.plezi == "function" else one for one in mapping.fields
    )  # the mistake that R23 warns of
    bound, findings = bind(replace(mapping, fields=both_ways), schemas)
    assert not findings
    snapshots = {
        side: _grown(_block(folder, schemas[side], bound), folder / f"{side}-{blocks}", blocks)
        for side in Side
    }
    return Crm(snapshots, bound, _links(blocks))


def _block(folder: Path, schema: RemoteSchema, bound: BoundMapping) -> Snapshot:
    """The first block, by the real writer."""
    side = schema.side
    known = sorted((folder / "block").glob(f"snapshots/{side}-*"))
    if known:
        return open_snapshot(known[0])
    place = snapshots_folder(folder / "block")
    with SnapshotWriter(place, side, schema, schema.account, bound=bound, taken_at=NOON) as writer:
        page: list[Record] = []
        for one in _records(schema):
            page.append(one)
            if len(page) == 500:
                writer.add(page)
                page = []
        writer.add(page)
        return writer.finish(Coverage(complete=True))


def _records(schema: RemoteSchema) -> Iterator[Record]:
    side = schema.side
    made_people, dice = People(1), random.Random(str(side))
    code = {field.name if side is Side.PIPEDRIVE else field.code: field.code for field in schema.fields}
    earlier = ["somebody@example.com"]
    for number in range(BLOCK[side]):
        one, shared = made_people.one(), random.Random(number)
        first, last, address = one.first_name, one.last_name, one.email
        assert isinstance(first, str)
        assert isinstance(last, str)
        if shared.random() < 0.3:
            parts = (_HEADS, _BODIES, [_RARE], _HEADS, _BODIES, _ENDS)
            last = "".join(shared.choice(part) for part in parts).capitalize()
            address = f"{ascii_slug(first)}.{ascii_slug(last)}@example.com"
        names: tuple[str | None, str | None] = (first, last)
        if dice.random() < 0.03:
            names = dice.choice(ODD_NAMES)
        fate = dice.random()
        if fate < 0.015:
            address = dice.choice(ODD_ADDRESSES).format(
                number, number // 100, *dice.choice(earlier).split("@")
            )
        elif fate < 0.03:
            address = dice.choice(earlier)
        elif fate < 0.3 and side is Side.PLEZI:
            address = f"only.{number}@example.net"
        if len(earlier) < 2_000:
            earlier.append(address)
        make = _person if side is Side.PIPEDRIVE else _contact
        values = make(dice, names, code)
        addresses = [address] if address else []
        if side is Side.PIPEDRIVE and dice.random() < 0.15:
            addresses.append(f"second.{number}@example.org")
        yield record(
            side, f"{number + 1}" if side is Side.PIPEDRIVE else f"{number:08x}", addresses, **values
        )


def _person(
    dice: random.Random, names: tuple[str | None, str | None], code: Mapping[str, str]
) -> dict[str, Value]:
    first, last = names
    sector = dice.choice((37, 38, 39, 40, 41, 42, 45)) if dice.random() < 0.7 else None
    return {
        "first_name": first,
        "last_name": last,
        "name": " ".join(part for part in names if part),
        "marketing_status": dice.choice(("no_consent", "subscribed", "subscribed", "unsubscribed")),
        code["sync_to_plezi"]: 35 if dice.random() < 0.4 else 36 if dice.random() < 0.01 else None,
        code["plezi_url"]: "https://app.plezi.example/contacts/1" if dice.random() < 0.01 else None,
        code["Function"]: dice.choice(FUNCTIONS),
        code["Secteur"]: dice.choice((43, 99)) if dice.random() < 0.01 else sector,
        code["Centres d'intérêt"]: dice.sample((55, 56, 57, 58), dice.randrange(3)),
        code["Chiffre d'affaires"]: round(dice.random() * 1e6, 2) if dice.random() < 0.3 else None,
        code["Date de naissance"]: _day(dice),
    }


def _contact(
    dice: random.Random, names: tuple[str | None, str | None], code: Mapping[str, str]
) -> dict[str, Value]:
    first, last = names
    sector = dice.choice(("industrie-energie", "batiment", "education")) if dice.random() < 0.6 else None
    return {
        "first_name": first,
        "last_name": last,
        code["function"]: dice.choice(FUNCTIONS) if dice.random() > 0.01 else "Achats " * 40,
        code["behaviour_score"]: dice.randrange(200),
        code["state"]: dice.choice(("lead", "mql", "customer")),
        code["source"]: dice.choice(("direct", "referral", "emailing")),
        code["form"]: dice.choice(("Newsletter", "Livre blanc", "Démo", None)),
        code["plezi_url"]: f"https://app.plezi.example/contacts/{dice.randrange(10**9)}",
        code["opted_out"]: dice.random() < 0.05,
        code["plz_secteur"]: dice.choice(("santé", "agroalimentaire")) if dice.random() < 0.01 else sector,
        code["plz_centres_d_interet"]: dice.sample(("crm", "evenements", "emailing"), dice.randrange(3)),
        code["plz_chiffre_d_affaires"]: round(dice.random() * 1e6, 2) if dice.random() < 0.3 else None,
        code["plz_date_de_naissance"]: _day(dice),
    }


def _day(dice: random.Random) -> str | None:
    fate = dice.random()
    if fate < 0.005:
        return "31/12/1980"
    return (
        f"19{dice.randrange(40, 100)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
        if fate < 0.3
        else None
    )


def _grown(block: Snapshot, folder: Path, blocks: int) -> Snapshot:
    """The block as often as wanted, in a snapshot of its own."""
    import msgspec
    import pyarrow as pa
    import pyarrow.parquet as pq

    if blocks == 1:
        return block
    if not (folder / MANIFEST).exists():
        folder.mkdir(parents=True)
        sizes = {}
        for name in (RECORDS, ADDRESSES, OPTIONS):
            table = pq.read_table(block.folder / name)
            with pq.ParquetWriter(folder / name, table.schema, compression="zstd") as writer:
                for number in range(blocks):
                    columns = [_shifted(table[column], column, number) for column in table.column_names]
                    shifted = pa.table(columns, schema=table.schema)
                    writer.write_table(shifted, row_group_size=50_000)
            sizes[name] = (folder / name).stat().st_size
        manifest = replace(block.manifest, id=folder.name, rows=block.rows * blocks, sizes=sizes)
        (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return open_snapshot(folder)


_OWN_ADDRESSES: Final = {"key", "delivered", "c:email", "d:email"}
_OWN_NAMES: Final = {"c:last_name", "d:last_name", "c:name", "d:name"}


def _shifted(column: pa.ChunkedArray, name: str, number: int) -> pa.ChunkedArray:
    """A column of the block in its ``number``-th repetition: other ids, other mailboxes, other rare surnames."""
    import pyarrow.compute as pc

    if number == 0:
        return column
    if name == "id":
        return pc.binary_join_element_wise(column, f"{number:03}", "")
    if name in _OWN_ADDRESSES:
        return pc.replace_substring_regex(column, r"@", f"-{number}@", max_replacements=1)
    if name in _OWN_NAMES:
        return pc.replace_substring(column, _RARE, f"{_HEADS[number % 12]}{_BODIES[number // 12 % 12]}")
    return column


def _links(blocks: int) -> pa.Table:
    """A third of the contacts is linked: to the person of the same number, which has the same address unless it is odd."""
    import pyarrow as pa

    columns: dict[str, list[str]] = {name: [] for name in ("pipedrive_id", "plezi_id", "address", "state")}
    for block in range(blocks):
        end = f"{block:03}" if block else ""
        for number in range(0, BLOCK[Side.PLEZI], 3):
            row = (f"{number + 1}{end}", f"{number:08x}{end}", "", "ok")
            for cells, cell in zip(columns.values(), row, strict=True):
                cells.append(cell)
    return pa.table(columns)
