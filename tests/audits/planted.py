"""A database of which every defect is known: each audit has its share, and everybody else nothing to be found.

Most people are linked couples, alike on both sides, in scope. A defect is planted on somebody who stands alone and out of
scope, so that it is nothing else as well, unless the defect itself is about couples, scope or links.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pdsync.model import (
    AuditRule,
    Condition,
    Consent,
    Direction,
    Field,
    FieldMapping,
    Kind,
    Scope,
    Side,
    Value,
)
from tests.audits.build import EMAIL, NAMES, World, option_field, sector

__all__ = ["Planted", "clean", "plant"]

FIRST: Final = (
    "Lucile",
    "Zoé",
    "Inès",
    "Karim",
    "Jürgen",
    "Åse",
    "Ánh",
    "Nolwenn",
    "Maria",
    "João",
    "Ruth",
    "Thibault",
)
LAST: Final = (
    "Rivière",
    "Crèvecœur",
    "Goaziou",
    "Ångström",
    "Nguyễn",
    "Moreau",
    "Castelnau",
    "Delorme",
    "Vasseur",
    "Hove",
)

HERE: Final = (
    EMAIL, *NAMES,
    option_field("sync", "sync_to_plezi", ("1", "Yes"), ("2", "No"), ("3", "Oui")),
    option_field("marketing", "Marketing", "subscribed", "unsubscribed"),
    Field("doi", "Double opt-in", Kind.TEXT),
    Field("plezi_url", "plezi_url", Kind.TEXT),
    option_field("sector", "Secteur", ("11", "Énergie"), ("12", "Sante"), ("13", "Conseil")),
    option_field("tags", "Tags", ("21", "Crm"), ("22", "Emailing"), kind=Kind.OPTIONS),
    option_field("legacy", "Ancien", ("31", "Or"), ("32", "Argent")),
    Field("note", "Note", Kind.TEXT), Field("born", "Né le", Kind.TEXT), Field("job", "Function", Kind.TEXT),
    Field("sealed", "Scellé", Kind.TEXT), Field("phone", "Phone", Kind.PHONES),
    Field("one", "Un", Kind.TEXT), Field("two", "Deux", Kind.TEXT),
)  # fmt: skip
THERE: Final = (
    EMAIL, *NAMES[1:], Field("form", "Formulaire", Kind.TEXT), Field("source", "Source", Kind.TEXT),
    Field("plezi_url", "Plezi URL", Kind.TEXT), Field("opted_out", "Désinscrit", Kind.BOOLEAN),
    option_field("wanted", "Voulu", ("yes", "Yes")),
    option_field("plz_sector", "Secteur", ("energie", "Énergie"), ("santé", "Santé"), ("conseil", "Conseil")),
    option_field("plz_tag", "Tag", ("emailing", "Emailing"), ("crm", "Crm")),
    Field("plz_legacy", "Ancien", Kind.TEXT), Field("plz_note", "Note", Kind.TEXT, max_length=5),
    Field("plz_born", "Né le", Kind.DATE), Field("function", "Fonction", Kind.TEXT),
    Field("plz_sealed", "Scellé", Kind.TEXT, writable=False), Field("plz_flag", "Drapeau", Kind.BOOLEAN),
    Field("plz_once", "Une fois", Kind.TEXT),
)  # fmt: skip
TO_PLEZI: Final = Direction.TO_PLEZI
MAPPED: Final = (
    FieldMapping("first_name", "first_name", Direction.BOTH, locked=True),
    FieldMapping("last_name", "last_name", Direction.BOTH, locked=True),
    FieldMapping("plezi_url", "plezi_url", Direction.TO_PIPEDRIVE),
    sector(), sector(fields=("tags", "plz_tag"), direction=TO_PLEZI),
    FieldMapping("legacy", "plz_legacy", TO_PLEZI), FieldMapping("note", "plz_note", TO_PLEZI),
    FieldMapping("born", "plz_born", TO_PLEZI), FieldMapping("job", "function", TO_PLEZI),
    FieldMapping("sealed", "plz_sealed", TO_PLEZI), FieldMapping("phone", "plz_flag", TO_PLEZI),
    FieldMapping("one", "plz_once", TO_PLEZI), FieldMapping("two", "plz_once", TO_PLEZI),
)  # fmt: skip
SCOPE: Final = {
    Side.PLEZI: Scope(where=Condition("sync_to_plezi", equals=("Yes",)), require=("last_name",)),
    Side.PIPEDRIVE: Scope(where=Condition("wanted", equals=("Yes",))),
}
CONSENT: Final = {
    Side.PIPEDRIVE: Consent("marketing", ("unsubscribed",)),
    Side.PLEZI: Consent("opted_out", (True,)),
}

NAMED: Final[tuple[tuple[tuple[str | None, str | None], frozenset[str]], ...]] = tuple(
    (names, frozenset(codes.split()))
    for names, codes in (
        (("Test", "Rivière"), "placeholder-name"), (("N/A", "Moreau"), "placeholder-name"),
        (("Lucile", "Inconnu"), "placeholder-name"), (("Mme", "Rivière"), "honorific-in-name"),
        (("Docteur", "Nguyễn"), "honorific-in-name"), (("Rivière", "S.A.R.L."), "company-as-name"),
        (("Müller", "GmbH"), "company-as-name"), (("Lucile2", "Rivière"), "digits-in-name"),
        (("lucile@example.com", "Rivière"), "email-as-name"), (("RiviÃ¨re", "Lucile"), "damaged-name"),
        (("Lucile", "Lucile"), "equal-names"), (("محمد", "محمد"), "equal-names"),
        (("LUCILE", "RIVIÈRE"), "all-caps-name"), (("RIVIÈRE", "Lucile"), "all-caps-name name-order"),
        (("Nguyễn Thị", "Ánh"), "name-rule-wrong"), (("Anne de", "La Fontaine"), "misplaced-name-part"),
        ((None, "Rivière"), "missing-first-name one-word-name"), (("Lucile", " \u200b"), "missing-last-name one-word-name"),
    )
)  # fmt: skip
ADDRESSED: Final = (
    ("lucile{}@@example.com", "malformed-email"), ("lucile..{}@example.com", "malformed-email"),
    ("info@n{}.example.com", "role-address"), ("contact@n{}.example.com", "role-address"),
    ("lucile{}@yopmail.com", "disposable-email"), ("lucile{}@gmial.com", "mistyped-domain"), ("", "no-email"),
)  # fmt: skip


@dataclass
class Planted:
    """The world, and by audit the subjects of each finding that it must have."""

    world: World
    expected: dict[str, list[set[str]]] = field(default_factory=dict)
    imported: dict[Side, set[str]] = field(default_factory=lambda: {side: set() for side in Side})
    """By target, who would be created there."""

    def note(self, codes: str | frozenset[str], *subjects: str) -> None:
        """One finding of each of these audits."""
        for code in codes.split() if isinstance(codes, str) else codes:
            self.expected.setdefault(code, []).append(set(subjects))


def plant(
    folder: Path,
    seed: int,
    *,
    couples: int = 12,
    rules: dict[str, AuditRule] | None = None,
    consent: bool = True,
) -> Planted:
    """Couples, and every defect at least once; ``seed`` decides who has which, on which side, and in which order.

    Without ``consent`` the mapping does not say what opting out means.
    """
    dice = random.Random(seed)
    links: list[tuple[str, ...]] = []
    world = World(
        folder, fields={Side.PIPEDRIVE: HERE, Side.PLEZI: THERE}, mapped=MAPPED, scope=SCOPE,
        consent=CONSENT if consent else {}, rules=rules, links=(),
    )  # fmt: skip
    made = Planted(world)
    work: list[Callable[[str], None]] = [lambda n: _couple(world, links, n, dice)] * couples
    work += _single_defects(made, dice)
    work += _couple_defects(made, links, dice)
    work += _linked_defects(made, links, dice)
    work += _values(made)
    dice.shuffle(work)
    for number, one in enumerate(work, start=1):
        one(str(number))
    world.records[Side.PIPEDRIVE].sort(key=lambda _: dice.random())
    world.link(*links)
    _lists(made)
    if not consent:
        del made.expected["opted-out-mailed"]
        _uncovered(made)
    return made


def clean(folder: Path, couples: int) -> World:
    """Linked couples who have nothing to be found."""
    links: list[tuple[str, ...]] = []
    dice = random.Random(1)
    world = World(
        folder, fields={Side.PIPEDRIVE: HERE, Side.PLEZI: THERE}, mapped=MAPPED[:3], scope=SCOPE, consent=CONSENT, links=(),
    )  # fmt: skip
    for number in range(couples):
        _couple(world, links, str(number), dice)
    world.link(*links)
    return world


def _couple(
    world: World,
    links: list[tuple[str, ...]] | None,
    number: str,
    dice: random.Random,
    **more: dict[str, Value],
) -> None:
    """A person and a contact, alike and in scope; ``pipedrive``, ``plezi``: what else each holds."""
    names: dict[str, Value] = {"first_name": dice.choice(FIRST), "last_name": dice.choice(LAST)}
    address = f"{number}.person@example.com"
    world.person(
        number,
        address,
        **{**names, "sync": 1, "marketing": "subscribed", "sector": 11, **more.get("pipedrive", {})},
    )
    contact: dict[str, Value] = {
        **names,
        "wanted": "yes",
        "opted_out": False,
        "plz_sector": "energie",
        "plz_tag": "crm",
    }
    world.contact(number, address, **{**contact, **more.get("plezi", {})})
    if links is not None:
        links.append((number, number))


def _single_defects(made: Planted, dice: random.Random) -> Iterator[Callable[[str], None]]:
    """Records that stand alone, out of scope."""
    world = made.world

    def single(side: Side, number: str, address: str, codes: frozenset[str] | str, **values: Value) -> None:
        whole: dict[str, Value] = {"first_name": dice.choice(FIRST), "last_name": dice.choice(LAST)}
        world.add(side, number, [address] if address else [], **{**whole, **values})
        made.note(codes, f"{side.noun}/{number}")

    for names, codes in NAMED:
        for side in Side:
            yield lambda n, side=side, names=names, codes=codes: single(  # type: ignore[misc]
                side, n, f"{n}.alone@example.org", codes, first_name=names[0], last_name=names[1]
            )
    for address, code in ADDRESSED:
        for side in Side:
            yield lambda n, side=side, a=address, code=code: single(side, n, a.format(n), code)  # type: ignore[misc]
    for code, values in (
        ("value-too-long", {"note": "trop long"}),
        ("outer-spaces", {"note": "bref\u00a0"}),
        ("wrong-format", {"born": "31/12/1980"}),
        ("several-options", {"tags": [21, 22]}),
        ("foreign-plezi-url", {"plezi_url": "https://app.plezi.example/1"}),
    ):
        yield lambda n, code=code, values=values: single(
            Side.PIPEDRIVE, n, f"{n}.v@example.org", code, **values
        )  # type: ignore[misc]


def _couple_defects(
    made: Planted, links: list[tuple[str, ...]], dice: random.Random
) -> Iterator[Callable[[str], None]]:
    """What concerns two records, the scope, or links."""
    world, note = made.world, made.note
    both: dict[str, Value] = {"first_name": "Lucile", "last_name": "Rivière"}

    def duplicate(n: str) -> None:
        world.person(n, f"{n}.twin@example.org", **both)
        world.person(f"{n}000", "x@example.net", f" {n}.TWIN@example.org\u00a0", **both)
        note("duplicate-email", f"person/{n}", f"person/{n}000")
        note("email-spelling", f"person/{n}000")

    def similar(n: str) -> None:
        world.person(n, f"{n}.box@example.org", **both)
        world.contact(n, f"{n}.box+crm@example.org", **both)
        note("similar-mailbox", f"person/{n}", f"contact/{n}")

    def different(n: str) -> None:
        _couple(world, links, n, dice, pipedrive=both, plezi={"first_name": "Karim", "last_name": "Benali"})
        note("different-names", f"person/{n}", f"contact/{n}")

    def alone_here(n: str) -> None:
        world.person(n, f"{n}.new@example.org", sync=1, **both)
        made.imported[Side.PLEZI].add(f"person/{n}")

    def alone_there(n: str) -> None:
        world.contact(n, f"{n}.new@example.org", wanted="yes", **both)
        made.imported[Side.PIPEDRIVE].add(f"contact/{n}")

    def incomplete(n: str) -> None:
        world.person(n, f"{n}.part@example.org", first_name="Lucile", last_name=None, sync=1)
        note("required-empty missing-last-name one-word-name", f"person/{n}")

    yield from (duplicate, similar, different, alone_here, alone_there, incomplete)


def _linked_defects(
    made: Planted, links: list[tuple[str, ...]], dice: random.Random
) -> Iterator[Callable[[str], None]]:
    """What concerns linked records: the scope of one, consent, links themselves."""
    world, note = made.world, made.note
    both: dict[str, Value] = {"first_name": "Lucile", "last_name": "Rivière"}

    def one_sided(n: str) -> None:
        _couple(world, links, n, dice, pipedrive={"sync": None})
        note("one-sided-scope", f"person/{n}", f"contact/{n}")

    def opted_out(n: str) -> None:
        _couple(world, links, n, dice, plezi={"opted_out": True, "wanted": None}, pipedrive={"sync": None})
        note("opted-out-mailed", f"person/{n}", f"contact/{n}")

    def orphan(n: str) -> None:
        world.person(n, f"{n}.left@example.org", **both)
        links.append((n, f"gone{n}"))
        note("orphan-link", f"person/{n}", f"contact/gone{n}")

    def crossed(n: str) -> None:
        other = f"{n}000"
        for side in Side:
            world.add(side, n, [f"{n}.cross{'' if side is Side.PIPEDRIVE else 'ed'}@example.org"], **both)
        world.person(other, f"{n}.crossed@example.org", f"{other}.x@example.org", **both)
        world.contact(other, f"{other}.x@example.org", **both)
        links.extend([(n, n), (other, other)])
        note("crossed-link", f"person/{n}", f"contact/{n}")

    yield from (one_sided, opted_out, orphan, crossed)


def _values(made: Planted) -> Iterator[Callable[[str], None]]:
    """What is found by the values of lists and fields; ``_lists`` says who holds them."""
    both: dict[str, Value] = {"first_name": "Lucile", "last_name": "Rivière"}
    held: tuple[dict[str, Value], ...] = (
        {"sync": 2}, {"sync": 3}, {"sector": 12}, {"sector": 99}, {"legacy": 39}, {"job": "DG", "sync": 1}, {"sealed": "x"},
        {"phone": [{"value": "0199001122", "label": "work", "primary": True}]}, {"one": "1", "two": "2"}, {"doi": "yes"},
    )  # fmt: skip
    for values in held:
        yield lambda n, values=values: made.world.person(n, f"{n}.h@example.org", **both, **values)  # type: ignore[misc]


def _lists(made: Planted) -> None:
    """Findings about lists, fields and shares: who holds what, counted one by one."""
    persons = made.world.records[Side.PIPEDRIVE]
    made.imported[Side.PLEZI].update(f"person/{one.id}" for one in persons if one.values.get("job"))
    for target in Side:
        made.note("import-share", *made.imported[target])

    def holding(code: str, *values: Value) -> list[str]:
        return [
            f"person/{one.id}" for one in persons
            if (one.values.get(code) in values if values else one.values.get(code) not in (None, "", []))
        ]  # fmt: skip

    made.note("scope-value", "option/sync/2", *holding("sync", 2))
    made.note("scope-value-unclear", "option/sync/3", *holding("sync", 3))
    made.note("option-mismatch", "option/sector/12", "option/plz_sector/santé", *holding("sector", 12))
    made.note("option-mismatch", "option/sector/99", *holding("sector", 99))
    made.note("option-order", "field/tags", "field/plz_tag")
    made.note("deleted-option", "option/legacy/39", *holding("legacy", 39))
    made.note("free-text-values", "field/job", *holding("job"))
    made.note("read-only-target", "field/plz_sealed", *holding("sealed"))
    made.note("type-mismatch", "field/plz_flag", *holding("phone"))
    made.note("written-twice", "field/plz_once", *holding("one"))


def _uncovered(made: Planted) -> None:
    """Fields that seem to be about consent, and everybody of whom they say something."""
    for side, code in ((Side.PIPEDRIVE, "doi"), (Side.PLEZI, "opted_out")):
        said = [one.id for one in made.world.records[side] if one.values.get(code) not in (None, "", False)]
        made.note("consent-not-covered", f"field/{code}", *(f"{side.noun}/{each}" for each in said))
