"""R7, R17, consent: links that the data contradict, a second connector at work, opt-outs that one side does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pdsync.model import Consent, Coverage, Direction, Field, FieldMapping, GateState, Kind, Side
from tests.audits.build import FIELDS, World, option_field, rows, subjects

URL = Field("a1b2", "plezi_url", Kind.TEXT)
STATUS = option_field("marketing_status", "Marketing status", "subscribed", "unsubscribed")
OUT = Field("opted_out", "Opted out", Kind.BOOLEAN)
HERE = {Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], URL, STATUS), Side.PLEZI: (*FIELDS[Side.PLEZI], OUT)}
CONSENT = {
    Side.PIPEDRIVE: Consent("marketing_status", ("unsubscribed",)),
    Side.PLEZI: Consent("opted_out", (True,)),
}
TO_PERSON = FieldMapping("plezi_url", "plezi_url", Direction.TO_PIPEDRIVE)


def world_of(folder: Path, **more: Any) -> World:
    """A world with the fields that links and consent are about."""
    arguments: dict[str, Any] = {"fields": HERE, "consent": CONSENT, "mapped": [TO_PERSON]} | more
    return World(folder, **arguments)


def test_orphan_links(tmp_path: Path, engine: str) -> None:
    """Absence: gone on one side, on the other, on both; only a complete snapshot proves it."""
    links = [
        ("1", "a"),
        ("2", "gone"),
        ("30", "c"),
        ("4", "gone too"),
        ("5", "e", "broken"),
        ("6", "f", "broken"),
    ]

    def world(complete: bool) -> World:
        coverage = {Side.PLEZI: Coverage(complete=complete, reason="the token sees its own records only")}
        made = world_of(tmp_path / str(complete), links=links, coverage=coverage)
        for identifier in ("1", "2", "5"):
            made.person(identifier, f"p{identifier}@example.com")
        for identifier in ("a", "c", "z"):
            made.contact(identifier, f"{identifier}@example.com")
        return made

    result = world(complete=True).audited(engine, "orphan-link")
    assert subjects(result, "orphan-link") == [
        {"person/4", "contact/gone too"}, {"person/30", "contact/c"}, {"person/2", "contact/gone"},
        {"person/5", "contact/e"},
    ]  # fmt: skip
    assert (
        result.summaries[0].headline == "4 links (gone from Plezi 2, gone from Pipedrive 1, gone from both 1)"
    )

    unsure = world(complete=False).audited(engine, "orphan-link")
    assert subjects(unsure, "orphan-link") == [
        {"person/4", "contact/gone too"},
        {"person/30", "contact/c"},
        {"person/5", "contact/e"},
    ]


def test_before_the_first_run(tmp_path: Path, engine: str) -> None:
    """Without links there is nothing to be orphaned or crossed."""
    world = world_of(tmp_path)
    world.person("1", "a@example.com")

    assert world.audited(engine, "orphan-link", "crossed-link").table.num_rows == 0


def test_crossed_links(tmp_path: Path, engine: str) -> None:
    """R17: linked pairs whose addresses say otherwise block; a changed address that nobody else holds does not."""
    links = [("1", "a"), ("2", "b"), ("3", "c"), ("4", "d"), ("5", "e"), ("6", "f")]
    world = world_of(tmp_path, links=links)
    world.person("1", "b@example.com")  # 1 and 2 hold each other's
    world.person("2", "A@example.com")
    world.contact("a", "a@example.com")
    world.contact("b", "b@example.com")
    world.person("3", "changed@example.com")  # an address may change
    world.contact("c", "c@example.com")
    world.person("4", "x@example.com", "é@münchen.example")  # 4 meets its own contact in the second address
    world.contact("d", "é@xn--mnchen-3ya.example")
    world.person("5")  # no address contradicts nothing
    world.contact("e", "e@example.com")
    world.person("6", "z@example.com")  # another contact has it, but nobody's link is at stake
    world.contact("f", "f@example.com")
    world.contact("z", "z@example.com")
    world.link(("7", "g"), ("8", "h"), ("9", "i"), ("10", "j"))
    world.person("7", "nguye\u0302\u0303n@example.com")  # its own contact's, in another Unicode form
    world.contact("g", "nguyễn@example.com")
    world.person("8", " محمد@example.com")  # 9's contact has it
    world.contact("h", "👩\u200d💻@example.com")
    world.person("9", "👩\u200d💻@EXAMPLE.com")
    world.contact("i", "محمد@example.com")
    world.person("10", "weiß@xn--strae-oqa.example")
    world.contact("j", "Weiß@straße.example")

    result = world.audited(engine, "crossed-link")

    assert subjects(result, "crossed-link") == [
        {"person/1", "contact/a"}, {"person/2", "contact/b"}, {"person/8", "contact/h"}, {"person/9", "contact/i"},
    ]  # fmt: skip
    assert result.gate.state is GateState.NOT_READY
    assert result.gate.blocked_records == 8


def test_one_of_two_is_at_fault(tmp_path: Path, engine: str) -> None:
    """R17: the pair that shares an address is in order; the one whose person took the address over is not."""
    world = world_of(tmp_path, links=[("1", "a"), ("2", "b")])
    world.person("1", "b@example.com")
    world.person("2", "b@example.com")
    world.contact("a", "a@example.com")
    world.contact("b", "b@example.com")

    assert subjects(world.audited(engine, "crossed-link"), "crossed-link") == [{"person/1", "contact/a"}]


def test_plezi_url_by_somebody_else(tmp_path: Path, engine: str) -> None:
    """R7: filled without a link, or showing another contact than the link: another connector writes here as well."""
    world = world_of(tmp_path, links=[("1", "a"), ("2", "b"), ("3", "c")])
    world.person("1", a1b2="https://plezi.example.com/a")  # right
    world.person("2", a1b2="https://plezi.example.com/a")  # another contact's
    world.person("3", a1b2="https://plezi.example.com/c")  # the contact shows none: cannot be told
    world.person("10", a1b2="https://plezi.example.com/😀?q=\"'")  # no link
    world.person("11", a1b2=" \u200b")  # nothing
    world.contact("a", plezi_url="https://plezi.example.com/a")
    world.contact("b", plezi_url=" https://plezi.example.com/b ")
    world.contact("c", plezi_url=None)
    for number, name in enumerate(("Nguyễn", "محمد", "Weiß", "Rivière"), start=12):
        world.person(str(number), a1b2=f"https://plezi.example.com/{name}", first_name=name)
        world.contact(f"d{number}", plezi_url=f" https://plezi.example.com/{name}")
        world.link((str(number), f"d{number}"))  # right
    world.person("16", a1b2="خارجي", first_name="محمد")  # no link, and no address at all

    result = world.audited(engine, "foreign-plezi-url")

    assert [(row["id"], row["group"], row["details"]) for row in rows(result, "foreign-plezi-url")] == [
        ("10", "no link", {"plezi_url": "https://plezi.example.com/😀?q=\"'"}),
        ("16", "no link", {"plezi_url": "خارجي"}),
        ("2", "other contact", {"plezi_url": "https://plezi.example.com/a"}),
    ]
    assert result.summaries[0].headline == "3 persons (no link 2, other contact 1)"


def test_plezi_url_without_a_mapping_for_it(tmp_path: Path, engine: str) -> None:
    """R7: the field is known by its name as well, before anybody maps it and before the first run."""
    world = world_of(tmp_path, mapped=[])
    world.person("1", a1b2="https://plezi.example.com/a")

    assert subjects(world.audited(engine, "foreign-plezi-url"), "foreign-plezi-url") == [{"person/1"}]


def test_opted_out_on_one_side(tmp_path: Path, engine: str) -> None:
    """Consent: who opted out here and is mailed there, by link or by any shared address; what was not read is not judged."""
    world = world_of(tmp_path, links=[("1", "a")])
    world.person("1", "old@example.com", marketing_status="unsubscribed")
    world.contact("a", "new@example.com", opted_out=False)
    world.person("2", "x@example.com", "Zoé@example.com", marketing_status="subscribed")
    world.contact("b", "zoé@example.com", opted_out=True)
    world.person("3", "both@example.com", marketing_status="unsubscribed")
    world.contact("c", "both@example.com", opted_out=True)
    world.person("4", "unread@example.com", marketing_status="unsubscribed")
    world.contact("d", "unread@example.com")
    world.person("5", "shared@example.com", marketing_status="subscribed")
    world.person("6", "shared@example.com", marketing_status=None)
    world.contact("e", "shared@example.com", opted_out=True)
    for number, (here, there) in enumerate(
        (
            ("nguye\u0302\u0303n@example.com", "Nguyễn@example.com"),
            ("محمد@example.com", "\u200fمحمد@example.com"),
            ("👩\u200d💻@example.com", " 👩\u200d💻@example.com"),
            ("weiß@straße.example", "weiß@xn--strae-oqa.example"),
            ("weiss@example.com", "weiß@example.com"),  # two mailboxes
        ),
        start=7,
    ):
        world.person(str(number), here, marketing_status="subscribed")
        world.contact(f"f{number}", there, opted_out=True)

    result = world.audited(engine, "opted-out-mailed")

    assert subjects(result, "opted-out-mailed") == [
        {"person/1", "contact/a"}, {"person/2", "contact/b"}, {"person/5", "contact/e"}, {"person/6", "contact/e"},
        {"person/7", "contact/f7"}, {"person/8", "contact/f8"}, {"person/9", "contact/f9"},
        {"person/10", "contact/f10"},
    ]  # fmt: skip
    assert result.summaries[0].headline == "8 people (out in Plezi only 7, out in Pipedrive only 1)"


def test_consent_that_the_mapping_covers(tmp_path: Path, engine: str) -> None:
    """Both sides covered: nothing to say."""
    world = world_of(tmp_path)
    world.person("1", "a@example.com", marketing_status="unsubscribed")

    assert world.audited(engine, "consent-not-covered").table.num_rows == 0


def test_consent_that_it_does_not(tmp_path: Path, engine: str) -> None:
    """Consent: a field about it that the mapping does not name, with everybody of whom it says something."""
    world = world_of(tmp_path, consent={Side.PIPEDRIVE: CONSENT[Side.PIPEDRIVE]})
    world.contact("a", "a@example.com", opted_out=True)
    world.contact("b", "b@example.com", opted_out=False)
    world.contact("c", "c@example.com", opted_out=None)

    result = world.audited(engine, "consent-not-covered", "opted-out-mailed")

    assert subjects(result, "consent-not-covered") == [{"field/opted_out", "contact/a"}]
    assert rows(result, "opted-out-mailed") == []
    assert result.gate.state is GateState.WARNINGS


def test_no_consent_at_all(tmp_path: Path, engine: str) -> None:
    """Consent: without a word in the mapping each side is named, also one that has no field about it."""
    fields = HERE | {Side.PLEZI: FIELDS[Side.PLEZI]}
    world = world_of(tmp_path, fields=fields, consent={})
    world.person("1", "a@example.com", marketing_status="unsubscribed")

    result = world.audited(engine, "consent-not-covered")

    assert subjects(result, "consent-not-covered") == [
        {"field/marketing_status", "person/1"},
        {"field/email"},
    ]
    assert result.summaries[0].headline == "nothing says what opting out means in Pipedrive, Plezi"
