"""R17: addresses that are no person's (malformed, missing, a desk's, disposable, mistyped), and two for one mailbox."""

from __future__ import annotations

import random
from pathlib import Path

import narwhals as nw
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pdsync.audits.lists import entries
from pdsync.audits.malformed_emails import ORDINARY, ORDINARY_LENGTH, RESERVED, refusal
from pdsync.audits.typo_emails import slips
from pdsync.model import AuditRule, GateState, Severity, Side, Value
from pdsync.planning.keys import address_key
from pdsync.snapshots.engines import collect, open_engine
from tests.audits.build import World, rows, subjects

MALFORMED, MISSING, ROLE, DISPOSABLE, TYPO, SIMILAR = (
    "malformed-email", "no-email", "role-address", "disposable-email", "mistyped-domain", "similar-mailbox",
)  # fmt: skip
ROLES, PROVIDERS, DISPOSABLES = map(entries, ("role_mailboxes", "mail_providers", "disposable_domains"))
SINGLE = (MALFORMED, MISSING, ROLE, DISPOSABLE, TYPO)


def at(local: str, domain: str) -> str:
    """An address outside example.com, put together here so that no address of anybody stands in this file."""
    return f"{local}@{domain}"


TABLE: list[tuple[str, set[str]]] = [
    # in order, however odd
    ("lucile@example.com", set()),
    ("Lucile.Rivière@example.com", set()),
    ("o'driscoll@example.com", set()),
    ("nguyễn.văn.an@example.com", set()),
    ("müller@müllerei.example.com", set()),
    ("a@xn--mllerei-n2a.example.com", set()),
    ("محمد@example.com", set()),
    ("🦊@example.com", set()),
    ("  lucile@example.com\u00a0", set()),
    ("luci\u200ble@example.com", set()),
    ("lucile@example.com.", set()),
    ("lucile @ example.com", set()),  # one key with the address without spaces: a matter of tidiness
    ("x" * 64 + "@example.com", set()),
    ("a@" + ".".join(["b" * 60] * 3) + ".example.com", set()),
    ("first+last/x=y!#$%&*{}|~^`?@example.com", set()),
    (at("lucile", "gmail.com"), set()),
    (at("lucile", "orange.fr"), set()),
    (at("lucile", "hotmail.gr"), set()),
    (at("lucile", "grange.fr"), set()),
    (at("lucile", "mail.com"), set()),
    (at("lucile", "notyopmail.com"), set()),
    ("informatique@example.com", set()),
    ("contact.rivière@example.com", set()),
    ("salespaul@example.com", set()),
    # malformed
    ("not an address", {MALFORMED}),
    ("lucile", {MALFORMED}),
    ("lucile@", {MALFORMED}),
    ("@example.com", {MALFORMED}),
    ("lucile@@example.com", {MALFORMED}),
    ("lucile@riviere@example.com", {MALFORMED}),
    ("lucile@example", {MALFORMED}),
    ("lucile@example,com", {MALFORMED}),
    ("lucile@example..com", {MALFORMED}),
    ("lucile@-example.com", {MALFORMED}),
    ("lucile@example.com, hugo@example.com", {MALFORMED}),
    ("lucile(at)example.com", {MALFORMED}),
    ("lu cile@example.com", {MALFORMED}),
    (".lucile@example.com", {MALFORMED}),
    ("lucile.@example.com", {MALFORMED}),
    ("lu..cile@example.com", {MALFORMED}),
    ("lucile@ex_ample.com", {MALFORMED}),
    ("lucile@example.c0m1", {MALFORMED}),
    ("lucile@ab--cd.example.com", {MALFORMED}),
    ("Lucile <lucile@example.com>", {MALFORMED}),
    ("mailto:lucile@example.com", {MALFORMED}),
    ('"lucile r"@example.com', {MALFORMED}),
    ("lucile@[192.0.2.1]", {MALFORMED}),
    ("lucile@192.0.2.1", {MALFORMED}),
    ("lucile@localhost", {MALFORMED}),
    ("lucile@crm.test", {MALFORMED}),
    ("lucile@" + "b" * 64 + ".example.com", {MALFORMED}),
    ("a" * 250 + "@example.com", {MALFORMED}),
    ("lucile＠example.com", {MALFORMED}),
    ("محمد", {MALFORMED}),
    ("🦊", {MALFORMED}),
    ("-", {MALFORMED}),
    # nothing there
    ("", {MISSING}),
    ("   ", {MISSING}),
    ("\u00a0\u200b", {MISSING}),
    # desks
    ("info@example.com", {ROLE}),
    ("INFO@example.com", {ROLE}),
    ("contact2@example.com", {ROLE}),
    ("contact-1@example.com", {ROLE}),
    ("accueil+salon@example.com", {ROLE}),
    ("service-client@example.com", {ROLE}),
    ("buchhaltung@example.com", {ROLE}),
    ("no-reply@example.com", {ROLE}),
    ("compta@", {MALFORMED, ROLE}),
    # ten minutes
    (at("lucile", "yopmail.com"), {DISPOSABLE}),
    (at("Lucile", "YOPMAIL.com"), {DISPOSABLE}),
    (at("lucile", "box.mailinator.com"), {DISPOSABLE}),
    (at("info", "jetable.org"), {DISPOSABLE, ROLE}),
    # slips
    (at("lucile", "gmial.com"), {TYPO}),
    (at("lucile", "gmail.con"), {TYPO}),
    (at("lucile", "gmail.co"), {TYPO}),
    (at("lucile", "gmail.fr"), {TYPO}),
    (at("Lucile", "Hotmial.fr"), {TYPO}),
    (at("lucile", "orange.f"), {TYPO}),
    (at("lucile", "ornage.fr"), {TYPO}),
    (at("lucile", "freee.fr"), {TYPO}),
    (at("lucile", "wanado.fr"), {TYPO}),
    (at("lucile", "laposte.ne"), {TYPO}),
    (at("lucile", "sfr.ft"), {TYPO}),
    (at("contact", "outlok.com"), {ROLE, TYPO}),
]


def test_single_addresses(tmp_path: Path, engine: str) -> None:
    """R17: what each address is found for, on both sides, first in the list or not; nothing else is found."""
    world = World(tmp_path)
    expected: dict[str, list[set[str]]] = {code: [] for code in SINGLE}
    for number, (address, codes) in enumerate(TABLE, start=100):
        world.person(str(number), address)
        world.contact(str(number), address)
        for code in codes:
            expected[code] += [{f"person/{number}"}, {f"contact/{number}"}]
        if MISSING not in codes:
            world.person(str(number + 500), "someone@example.com", address)
            for code in codes:
                expected[code].append({f"person/{number + 500}"})

    result = world.audited(engine, *SINGLE)

    for code, findings in expected.items():
        assert sorted(subjects(result, code), key=sorted) == sorted(findings, key=sorted), code


def test_several_addresses_of_one_record_are_one_finding(tmp_path: Path, engine: str) -> None:
    """Findings are counted by record; the details name each address in the order of the list, repeats left out."""
    world = World(tmp_path)
    world.person("7", "lucile@", "ok@example.com", "@example.com", " LUCILE@ ")

    (row,) = rows(world.audited(engine, MALFORMED), MALFORMED)

    assert row["message"] == "This person has 2 malformed email addresses"
    assert [(held["delivered"], held["primary"]) for held in row["details"]["addresses"]] == [
        ("lucile@", True),
        ("@example.com", False),
    ]
    assert all(held["problem"] for held in row["details"]["addresses"])
    assert row["field"] == "email"
    assert row["link"] == "https://acme.example.com/person/7"


def test_the_address_probably_meant_is_suggested(tmp_path: Path, engine: str) -> None:
    """A slip comes with its repair; the local part is kept."""
    world = World(tmp_path)
    world.contact("a", at("Lucile.R", "gmial.com"))

    (row,) = rows(world.audited(engine, TYPO), TYPO)

    assert row["details"]["addresses"][0]["suggested"] == at("lucile.r", "gmail.com")
    assert "gmial" not in row["message"] + row["fix"]


def test_an_address_field_that_was_not_read_is_not_missing(tmp_path: Path, engine: str) -> None:
    """Only what was read can be empty."""
    from pdsync.model import Record

    world = World(tmp_path)
    world.records[Side.PIPEDRIVE].append(Record(Side.PIPEDRIVE, "1", {"first_name": "Zoé"}, None))
    world.person("2")
    world.contact("a")

    assert subjects(world.audited(engine, MISSING), MISSING) == [{"person/2"}, {"contact/a"}]


SAME_MAILBOX = [
    ("lucile@example.com", "lucile+crm@example.com"),
    ("maël+a@example.com", "MAËL+b@example.com"),
    (at("lucile.riviere", "gmail.com"), at("l.u.cile.riviere", "gmail.com")),
    (at("hugo", "gmail.com"), at("h.ugo+x.y", "googlemail.com")),
    ("nguyễn+1@example.com", "nguyễn@example.com"),
]
OTHER_MAILBOX = [
    ("ines.martin@example.com", "inesmartin@example.com"),
    ("ines@example.org", "ines+a@example.net"),
    ("+@example.com", "@example.com"),
    ("paul+a", "paul"),
    (at("eve", "gmail.com"), at("eve", "gmail.example.com")),
    ("same@example.com", "same@example.com"),
    ("", ""),
]


def test_similar_mailboxes(tmp_path: Path, engine: str) -> None:
    """R17: a plus-tag anywhere, dots at Gmail only; equal addresses are another audit's."""
    world = World(tmp_path)
    for number, pair in enumerate(SAME_MAILBOX + OTHER_MAILBOX):
        for letter, address in zip("ab", pair, strict=True):
            world.person(f"{number:02}{letter}", address)

    result = world.audited(engine, SIMILAR)

    expected = [{f"person/{number:02}a", f"person/{number:02}b"} for number in range(len(SAME_MAILBOX))]
    assert sorted(subjects(result, SIMILAR), key=sorted) == expected
    assert {row["severity"] for row in rows(result, SIMILAR)} == {"info"}


def test_similar_mailboxes_across_the_sides(tmp_path: Path, engine: str) -> None:
    """A person and a contact with two forms of one address are the pair that nothing else finds."""
    world = World(tmp_path)
    world.person("1", "zoé+pro@example.com")
    world.contact("a", "zoé@example.com")
    world.person("2", "max@example.com", "max+shop@example.com")  # one record
    world.contact("b", "max@example.com")  # which meets its contact without help
    world.person("3", "eva+a@example.com")
    world.person("4", "eva+a@example.com")  # duplicates, and one more
    world.contact("c", "eva+b@example.com")

    result = world.audited(engine, SIMILAR)

    found = subjects(result, SIMILAR)
    assert sorted(found, key=sorted) == [{"person/1", "contact/a"}, {"person/3", "person/4", "contact/c"}]
    assert {row["message"] for row in rows(result, SIMILAR)} == {
        "1 person and 1 contact have 2 addresses that are probably one mailbox",
        "2 persons and 1 contact have 2 addresses that are probably one mailbox",
    }
    (summary,) = result.summaries
    assert summary.headline == "2 mailboxes: 3 persons, 2 contacts"


_PIECES = st.sampled_from(
    [
        "a", "z9", "lucile", "O'Neil", "é", "ß", "_", "-", "--", "+", ".", "..", "@", "@@", " ", "\u00a0", "\t", "com",
        ".com",
        "example", "xn--", "xn--mnchen-3ya", "test", "local",
         "arpa", "onion", "localhost", '"', "<", ">", "(", ",", "1", "0",
        "b" * 30, "c" * 62, "d" * 63, "e" * 64, "\u200b", "\u0301", "＠", "🦊", "محمد", "İ", "ﬁ",
    ]
)  # fmt: skip
_LOCAL = st.from_regex(r"[a-z0-9_+.-]{1,70}", fullmatch=True)
_DOMAIN = st.from_regex(r"[a-z0-9.-]{1,70}\.[a-z0-9]{1,8}", fullmatch=True)
_ADDRESS = st.one_of(
    st.lists(_PIECES, max_size=9).map("".join),
    st.builds("{}@{}".format, _LOCAL, _DOMAIN),
    st.emails(),
    st.text(max_size=30),
)


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(_ADDRESS, min_size=1, max_size=60))
@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_the_query_clears_nothing_that_the_library_refuses(name: str, addresses: list[str]) -> None:
    """The cheap test in front of email-validator is equivalent to asking it: what it clears is valid."""
    keys = [
        key
        for key in map(address_key, addresses)
        if key and not any("\ud800" <= c <= "\udfff" or c == "\0" for c in key)
    ]
    frame = open_engine(name).table(pa.table({"key": pa.array(keys, pa.string())}))
    key = nw.col("key")
    ordinary = (
        key.str.contains(ORDINARY) & (key.str.len_chars() <= ORDINARY_LENGTH) & ~key.str.contains(RESERVED)
    )

    cleared = collect(frame.filter(ordinary))["key"].to_pylist()

    assert [(key, refusal(key)) for key in cleared if refusal(key)] == []


def test_most_addresses_are_cleared_without_the_library() -> None:
    """What makes the audit fast: of a thousand ordinary addresses none reaches the library."""
    from pdsync.sandbox.seeding.people import People

    people = People(7)
    frame = open_engine().table(pa.table({"key": [people.one().email for _ in range(1_000)]}))

    assert collect(frame.filter(nw.col("key").str.contains(ORDINARY))).num_rows > 950


def test_reserved_domains_are_the_librarys() -> None:
    """A reserved name that a later version of the library adds has to be added to the query."""
    import email_validator

    names = {name.replace(".", r"\.") for name in email_validator.SPECIAL_USE_DOMAIN_NAMES}

    assert set(RESERVED.removeprefix("[@.](?:").removesuffix(")$").split("|")) == names


def test_lists_are_in_order() -> None:
    """Lists of words and domains: lower case, none twice, no provider among its own slips or the disposable ones."""
    for words in (ROLES, PROVIDERS, DISPOSABLES, entries("near_providers"), entries("endings")):
        assert len(set(words)) == len(words)
        assert all(word == word.lower().strip() for word in words)
    assert not set(slips()) & set(PROVIDERS)
    assert not set(slips()) & set(DISPOSABLES)
    assert set(slips().values()) <= set(PROVIDERS)


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmai.com", "gmail.com"), ("gmaill.com", "gmail.com"), ("gnail.com", "gmail.com"), ("gamil.com", "gmail.com"),
        ("gmail.comm", "gmail.com"), ("hotmal.fr", "hotmail.fr"), ("hotmailcom", ""), ("yaho.fr", "yahoo.fr"),
        ("yahoo.gr", ""), ("fre.fr", "free.fr"), ("frère.fr", ""), ("tree.fr", ""), ("sfc.fr", ""), ("orange.com", ""),
        ("lapost.net", "laposte.net"), ("wandoo.fr", "wanadoo.fr"), ("icloud.co", "icloud.com"), ("web.dev", ""),
        ("example.com", ""), ("gm.com", ""), ("voile.fr", ""),
    ],
)  # fmt: skip
def test_slips(domain: str, meant: str) -> None:
    """One slip away from a provider, and nobody else's domain."""
    assert slips().get(domain, "") == meant


def _planted(dice: random.Random, number: int) -> tuple[str, str]:
    """One address, and the code it has to be found for; empty: none."""
    local = f"p{number}"
    kind = dice.choice(["", "", "", MALFORMED, ROLE, DISPOSABLE, TYPO, MISSING])
    match kind:
        case "malformed-email":
            return dice.choice(
                [f"{local}@example", f"{local}@@example.com", f"{local} x@example.com", local]
            ), kind
        case "role-address":
            return f"{dice.choice(ROLES)}@{local}.example.com", kind
        case "disposable-email":
            return at(local, dice.choice(DISPOSABLES)), kind
        case "mistyped-domain":
            return at(local, dice.choice(sorted(slips()))), kind
        case "no-email":
            return dice.choice(["", " ", "\u200b"]), kind
    return dice.choice(
        [f"{local}@example.com", at(local, dice.choice(PROVIDERS)), f"É{local}@example.org"]
    ), kind


@pytest.mark.parametrize("engine", ["polars", pytest.param("duckdb", marks=pytest.mark.long)])
def test_planted_defects_are_found_and_nothing_else(tmp_path: Path, engine: str) -> None:
    """Precision and recall of all audits of single addresses are 1 on 1,500 made-up records."""
    dice = random.Random("planted addresses")
    world = World(tmp_path)
    planted: dict[str, set[str]] = {code: set() for code in SINGLE}
    for number in range(1_500):
        side = dice.choice(list(Side))
        address, kind = _planted(dice, number)
        world.add(side, str(number), [address])
        if kind:
            planted[kind].add(f"{side.noun}/{number}")

    result = world.audited(engine, *SINGLE)

    assert {code: set().union(*subjects(result, code)) for code in SINGLE} == planted
    assert {summary.code: summary.findings for summary in result.summaries} == {
        code: len(records) for code, records in planted.items()
    }


def test_planted_mailboxes_are_found_and_nothing_else(tmp_path: Path, engine: str) -> None:
    """Precision and recall of the mailbox audit are 1 on groups of random size and spelling."""
    dice = random.Random("planted mailboxes")
    world = World(tmp_path)
    planted: list[set[str]] = []
    identifier = 0
    for group in range(150):
        local = f"user{group}"
        gmail = dice.random() < 0.5
        domain = "gmail.com" if gmail else "example.com"
        members: dict[str, str] = {}
        for _ in range(dice.randint(1, 4)):
            identifier += 1
            side = dice.choice(list(Side))
            spelling = local
            if gmail and dice.random() < 0.5:
                cut = dice.randint(1, 5)
                spelling = f"{local[:cut]}.{local[cut:]}"
            if dice.random() < 0.5:
                spelling += f"+{dice.choice('abc')}"
            members[f"{side.noun}/{identifier}"] = address_key(at(spelling, domain))
            world.add(side, str(identifier), [at(spelling, domain)])
        if len(set(members.values())) > 1:
            planted.append(set(members))

    found = subjects(world.audited(engine, SIMILAR), SIMILAR)

    assert sorted(found, key=sorted) == sorted(planted, key=sorted)


@pytest.mark.parametrize("code", [MALFORMED, ROLE, DISPOSABLE, TYPO, MISSING])
def test_thresholds_of_the_mapping(tmp_path: Path, code: str) -> None:
    """The gate: allow, allow_percent, severity and off of the mapping hold for these audits as for all."""
    addresses: dict[str, Value] = {
        MALFORMED: "lucile@", ROLE: "info@example.com", DISPOSABLE: at("a", "yopmail.com"),
        TYPO: at("a", "gmial.com"), MISSING: "",
    }  # fmt: skip
    states = {}
    for name, rule in {
        "plain": AuditRule(),
        "allowed": AuditRule(severity=Severity.INFO, allow=1),
        "exceeded": AuditRule(severity=Severity.INFO, allow_percent=10),
        "blocking": AuditRule(severity=Severity.BLOCKING),
        "off": AuditRule(off=True),
    }.items():
        world = World(tmp_path / name, rules={code: rule})
        world.person("1", str(addresses[code]))
        world.person("2", "lucile@example.com")
        result = world.audited("polars", code)
        states[name] = (result.gate.state, result.gate.blocked_records, len(result.summaries))

    assert states == {
        "plain": (GateState.READY if code == ROLE else GateState.WARNINGS, 0, 1),
        "allowed": (GateState.READY, 0, 1),
        "exceeded": (GateState.NOT_READY, 0, 1),
        "blocking": (GateState.NOT_READY, 1, 1),
        "off": (GateState.READY, 0, 0),
    }
