"""The candidates by brute force: the definition of design 6, written to be read, with no thought of speed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pdsync.model import Match, Record, Side, Subject
from pdsync.planning.comparison import addresses
from pdsync.planning.keys import address_key
from pdsync.snapshots.candidates import CandidateRow
from pdsync.snapshots.digests import record_digest
from tests.snapshots.build import bound

Node = tuple[Side, str]
LinkRow = Mapping[str, str | bool | None]


def naive_candidates(records: Iterable[Record], links: Sequence[LinkRow], version: str) -> list[CandidateRow]:
    """All candidates of these records of both sides, in order."""
    by_node = {(one.side, one.id): one for one in records}
    keys = {node: _keys(one) for node, one in by_node.items()}
    linked = {(side, str(link[f"{side}_id"])) for link in links for side in Side}
    moves = _moves(links, keys)
    rows = [row for link in links for row in _linked(link, by_node, keys, moves, version)]
    for component in _components(keys):
        free = [node for node in component if node not in linked]
        if not free:
            continue
        persons = [node for node in component if node[0] is Side.PIPEDRIVE]
        contacts = [node for node in component if node[0] is Side.PLEZI]
        if len(component) == 1:
            side, identifier = component[0]
            mine = keys[component[0]]
            rows.append(_row(Match.ALONE, {side: identifier}, mine[0] if mine else "", no_address=not mine))
        elif len(persons) == len(contacts) == 1 and len(free) == 2:
            shared = [key for key in keys[contacts[0]] if key in keys[persons[0]]]
            rows.append(_row(Match.PAIRED, dict([persons[0], contacts[0]]), shared[0]))
        else:
            ordered = sorted(component, key=lambda node: (node[0] is Side.PLEZI, len(node[1]), node[1]))
            members = tuple(Subject(side, side.noun, identifier) for side, identifier in ordered)
            rows.append(CandidateRow(Match.AMBIGUOUS, members=members))
    return sorted(rows, key=_order)


def _linked(
    link: LinkRow,
    by_node: Mapping[Node, Record],
    keys: Mapping[Node, list[str]],
    moves: Mapping[Node, str],
    version: str,
) -> list[CandidateRow]:
    pair = {side: (side, str(link[f"{side}_id"])) for side in Side}
    there = all(node in by_node for node in pair.values())
    if link["state"] == "broken":
        due = there
    else:
        digests = there and all(
            record_digest(bound(version), by_node[node]) == link[f"digest_{side}"]
            for side, node in pair.items()
        )
        due = not there or not digests or bool(link["open"]) or link["version"] != version
    if not due:
        return []
    taken = {
        key
        for node in pair.values()
        for key in keys.get(node, [])
        for other, others in keys.items()
        if other[0] is node[0].other and key in others and other != pair[other[0]]
    }
    ids = {side: node[1] for side, node in pair.items()}
    contested = {
        moves[node]
        for node in pair.values()
        for other, key in moves.items()
        if node in moves and other[0] is node[0] and other != node and key == moves[node]
    }
    row = _row(Match.LINKED, ids, str(link["address"]), taken=frozenset(taken))
    return [replace(row, contested=frozenset(contested))]


def _moves(links: Sequence[LinkRow], keys: Mapping[Node, list[str]]) -> dict[Node, str]:
    """The first key of every linked record that lost the one that its link rests on."""
    ends = [((side, str(link[f"{side}_id"])), link) for link in links for side in Side]
    return {
        node: keys[node][0]
        for node, link in ends
        if link["state"] != "broken" and keys.get(node) and link["address"] not in keys[node]
    }


def _keys(one: Record) -> list[str]:
    """Primary first, then in the order of the list; each once."""
    return list(dict.fromkeys(key for key in map(address_key, addresses(one.get("email"))) if key))


def _components(keys: Mapping[Node, list[str]]) -> list[list[Node]]:
    todo = set(keys)
    found = []
    while todo:
        group = [todo.pop()]
        for node in group:
            near = [other for other in todo if set(keys[other]) & set(keys[node])]
            group.extend(near)
            todo.difference_update(near)
        found.append(group)
    return found


def _row(
    match: Match,
    ids: Mapping[Side, str],
    address: str,
    taken: frozenset[str] = frozenset(),
    *,
    no_address: bool = False,
) -> CandidateRow:
    return CandidateRow(
        match,
        ids.get(Side.PIPEDRIVE, ""),
        ids.get(Side.PLEZI, ""),
        address,
        taken=taken,
        no_address=no_address,
    )


def _order(row: CandidateRow) -> tuple[object, ...]:
    person, contact = row.pipedrive_id, row.plezi_id
    if row.members:
        person = row.members[0].id if row.members[0].side is Side.PIPEDRIVE else ""
        contact = "" if person else row.members[0].id
    return (not person, len(person), person, len(contact), contact)
