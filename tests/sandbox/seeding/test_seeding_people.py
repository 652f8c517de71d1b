from __future__ import annotations

import itertools
import unicodedata

from pdsync.sandbox.seeding import fieldset, names
from pdsync.sandbox.seeding.dice import Dice
from pdsync.sandbox.seeding.people import People, ascii_slug


def test_dice_fall_the_same_everywhere() -> None:
    """Pinned values: Python promises random() across versions, and the picks are made of nothing else."""
    dice = Dice(1, "test")
    assert [dice.below(1000) for _ in range(4)] == [923, 358, 248, 476]
    assert dice.hexadecimal(10) == "66b9ae6bce"


def test_purposes_do_not_disturb_each_other() -> None:
    """Two streams of one seed are different, and each is the same whatever is drawn from the other."""
    people, scores = Dice(1, "people"), Dice(1, "scores")
    first = [people.below(100) for _ in range(10)]
    again = Dice(1, "people")
    assert [again.below(100) for _ in range(10)] == first
    assert [scores.below(100) for _ in range(10)] != first


def test_some_keeps_order_and_bounds() -> None:
    """Between one and so many different items, in their order."""
    dice = Dice(1, "some")
    for _ in range(200):
        chosen = dice.some("abcdef", 3)
        assert 1 <= len(chosen) <= 3
        assert list(chosen) == sorted(set(chosen))


def test_addresses_are_unique() -> None:
    """No two invented people share an address, also among many."""
    addresses = [person.email for person in itertools.islice(People(1), 30_000)]
    assert len(set(addresses)) == len(addresses)


def test_addresses_are_plain() -> None:
    """Accents, apostrophes and blanks of a name do not get into the address."""
    for person in itertools.islice(People(2), 3000):
        assert person.email.isascii()
        assert person.email == person.email.lower()
        assert " " not in person.email
        local, _, domain = person.email.partition("@")
        assert local
        assert domain.endswith((".example.com", ".example.org", ".example.net"))


def test_slug_spells_out_ligatures() -> None:
    """What Unicode does not take apart is spelled out."""
    assert ascii_slug("Crèvecœur & d’Épinay") == "crevecoeur-depinay"


def test_names_hold_what_breaks_software() -> None:
    """Accents, ligatures, both apostrophes, particles, hyphens and spaces are all there."""
    families = "".join(names.FRENCH_FAMILY + names.FRENCH_PARTICLE_FAMILY + names.ENGLISH_FAMILY)
    assert all(sign in families for sign in "éèêëçœâîôû'’- ÉŒ"[:-1])
    assert len(names.FRENCH_FIRST) > 250
    assert len(names.FRENCH_FAMILY) > 300
    for words in (
        names.FRENCH_FIRST,
        names.ENGLISH_FIRST,
        names.FRENCH_FAMILY,
        names.ENGLISH_FAMILY,
        names.FUNCTIONS,
    ):
        assert len(set(words)) == len(words)
        assert all(unicodedata.is_normalized("NFC", word) for word in words)


def test_option_lists_differ_as_the_table_says() -> None:
    """Each entry's relation is true of its two spellings (R24)."""
    for entry in (*fieldset.SECTORS, *fieldset.INTERESTS):
        here, there = entry.pipedrive, entry.plezi
        if entry.relation == "missing-in-plezi":
            assert (here is not None, there) == (True, None)
        elif entry.relation == "missing-in-pipedrive":
            assert (here, there is not None) == (None, True)
        else:
            assert here is not None
            assert there is not None
            assert (ascii_slug(here) == there) == (entry.relation == "same")
            assert (ascii_slug(here) == ascii_slug(there)) == (entry.relation != "spelling")


def test_field_codes_are_stable_and_distinct() -> None:
    """40 hexadecimal digits each: the codes of the demo stand in committed mapping files."""
    codes = [field.code for field in fieldset.PIPEDRIVE_FIELDS]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 40 and int(code, 16) for code in codes)
    assert fieldset.PLEZI_URL.code == "30f3be3435659dcda8ca582dad2872e63d7388ff"


def test_option_ids_are_distinct() -> None:
    """Pipedrive numbers options through the whole account."""
    ids = [id_ for field in fieldset.PIPEDRIVE_FIELDS for id_, _ in field.options or ()]
    assert len(set(ids)) == len(ids)
    assert fieldset.DELETED_SECTOR_ID not in ids
