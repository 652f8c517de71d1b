"""The demo world: 2,000 persons, 1,400 contacts, 1,150 of whom are the same people, and every defect audits look for.

How it is made: `_stories` lists every kind of record with its number; the list is shuffled and told from beginning to
end, so defects lie scattered over the ids.

**Expected mapping**, which `Figures` count for: identity by email, `existing: create`; `to_plezi` where
`sync_to_plezi` is Yes, `when_left: stop`; `to_pipedrive` requires both names; opted out: `marketing_status`
unsubscribed in Pipedrive, `opted_out` in Plezi; `conflicts: manual`; the names, `Secteur`, `Centres d'intérêt`,
`Chiffre d'affaires`, `Date de naissance` in both directions; `plezi_url`, `source`, `score`, `status`, `Function` to
Pipedrive; `empty: ignore`; no option pairs; no `enrol`.

**Why these numbers.** A demo has a minute to apply the plan and to undo it, against a stand-in with the real limits: on
the largest plan 120 requests in two seconds and 5 tokens a write (Pipedrive notes, section 3). 600 writes per side,
undo included and created records deleted, leave room for reads; `tests/sandbox` holds the numbers below that. So most
pairs agree already, and most contacts without a person have opted out. A mapping without consent for Plezi creates
those 122 as well, which stays within 600 as long as undo leaves created records standing. Updates also stay below 20 %
of the linked people, beyond which the shipped mapping holds a plan back (R29).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pdsync.sandbox.seeding import fieldset
from pdsync.sandbox.seeding.demo_pairs import PairStories
from pdsync.sandbox.seeding.demo_singles import SingleStories
from pdsync.sandbox.seeding.dice import Dice
from pdsync.sandbox.seeding.making import Maker
from pdsync.sandbox.seeding.people import People
from pdsync.sandbox.seeding.world import World

PERSONS: Final = 2_000
CONTACTS: Final = 1_400
SAME_PEOPLE: Final = 1_150
MOST_WRITES: Final = 600
"""Per side, for applying the first plan and undoing it."""

_Story = Callable[[], None]


def demo_world(seed: int) -> World:
    """Everything in the demo, in memory."""
    world = World()
    people, maker = People(seed), Maker(seed)
    stories = _stories(PairStories(people, maker, world), SingleStories(people, maker, world))
    Dice(seed, "order of stories").shuffle(stories)
    for tell in stories:
        tell()
    world.figures.persons = len(world.persons)
    world.figures.contacts = len(world.contacts)
    return world


def _stories(pairs: PairStories, singles: SingleStories) -> list[_Story]:
    told = [
        # something to write: 125 persons, 100 contacts
        *60 * [pairs.lost_plezi_values],
        *15 * [pairs.moved_on],
        *20 * [pairs.know_last_name_in_plezi_only],
        *15 * [pairs.know_sector_in_plezi_only],
        *10 * [pairs.know_function_in_plezi_only],
        *40 * [pairs.know_sector_in_pipedrive_only],
        *25 * [pairs.know_interests_in_pipedrive_only],
        *20 * [pairs.know_turnover_in_pipedrive_only],
        *10 * [pairs.know_birthday_in_pipedrive_only],
        *5 * [pairs.know_different_halves],
        # something not to write
        *12 * [pairs.out_of_scope],
        *1 * [pairs.opted_out],
        *20 * [pairs.hold_option("accents", here=True)],
        *16 * [pairs.hold_option("accents", here=False)],
        *16 * [pairs.hold_option("case", here=True)],
        *12 * [pairs.hold_option("case", here=False)],
        *24 * [pairs.hold_option("missing-in-plezi", here=True)],
        *16 * [pairs.hold_option("missing-in-pipedrive", here=False)],
        *5 * [pairs.hold_interest_spelt_differently(here=True)],
        *5 * [pairs.hold_interest_spelt_differently(here=False)],
        # something to decide: 5 pairs
        *1 * [pairs.conflict_about_sector],
        *1 * [pairs.conflict_about_birthday],
        *1 * [pairs.conflict_about_apostrophe],
        *2 * [pairs.conflict_about_split_name],
        # nothing to do, although it looks different
        *30 * [pairs.agree_but_for_case_of_address],
        *5 * [pairs.agree_but_for_space_in_address],
        *8 * [pairs.agree_but_for_unicode_form],
        *12 * [pairs.meet_in_secondary_address],
        *9 * [pairs.have_spaced_first_name],
    ]
    told += (SAME_PEOPLE - len(told)) * [pairs.agree]
    return [*told, *_singles(singles)]


def _singles(singles: SingleStories) -> list[_Story]:
    form, other_form = fieldset.FORM_AT_FAULT, fieldset.FORMS[3]
    doubtful: list[_Story] = [
        # 14 clusters, 31 persons, 10 contacts
        *3 * [singles.share_address(2, ("same",), known=True)],
        *2 * [singles.share_address(2, ("case",), known=True)],
        *1 * [singles.share_address(2, ("space",), known=True)],
        *2 * [singles.share_address(2, ("secondary",), known=True)],
        *2 * [singles.share_address(3, ("case", "secondary"), known=True)],
        *1 * [singles.share_address(3, ("same", "space"), known=False)],
        *1 * [singles.share_address(2, ("same",), known=False)],
        *1 * [singles.share_address(2, ("secondary",), known=False)],
        *1 * [singles.share_address(2, ("domain",), known=False)],
        # 3 persons, 6 contacts
        *3 * [singles.two_contacts],
    ]
    contacts: list[_Story] = [
        *100 * [singles.to_create_in_pipedrive],
        *82 * [singles.opted_out_contact],
        *24 * [singles.opted_out_with_odd_option("accents")],
        *16 * [singles.opted_out_with_odd_option("case")],
        *7 * [singles.without_names(first_too=False, form=form)],
        *2 * [singles.without_names(first_too=True, form=form)],
        *1 * [singles.without_names(first_too=False, form=other_form)],
        *2 * [singles.without_names(first_too=True, form=other_form)],
    ]
    persons: list[_Story] = [
        *60 * [singles.to_create_in_plezi],
        *15 * [singles.wanted_without_email],
        *45 * [singles.without_email],
        *1 * [singles.wanted_but_opted_out],
        *7 * [singles.with_malformed_email],
        *19 * [singles.with_role_address],
        *6 * [singles.with_deleted_option],
        *30 * [singles.with_odd_option("accents")],
        *24 * [singles.with_odd_option("case")],
        *12 * [singles.customer_without_flag],
        *43 * [singles.with_one_word_name],
    ]
    in_doubt = 31 + 3
    persons += (PERSONS - SAME_PEOPLE - in_doubt - len(persons)) * [singles.left_alone]
    return [*doubtful, *contacts, *persons]
