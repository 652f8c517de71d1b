"""What the Pipedrive stand-in assumes without a switch: listed beside the switches, so that nobody takes it for a fact.

Each is said again in the docstring of the module that does it. It becomes a switch when somebody needs the other position.
"""

from __future__ import annotations

from pdsync.sandbox.switches import Assumption

PIPEDRIVE_ASSUMPTIONS = (
    Assumption(
        "pipedrive.error_texts", "invented", "The wording of refusals beyond those quoted in the reference."
    ),
    Assumption(
        "pipedrive.unknown_route", "invented", "404 'Unknown method.' for an unknown route with a token."
    ),
    Assumption(
        "pipedrive.body_of_429", "invented", "The body of 429, but for its error text (airbyte's mock)."
    ),
    Assumption(
        "pipedrive.pages_of_502_and_503",
        "invented",
        "They are HTML, as made by something in front of Pipedrive.",
    ),
    Assumption("pipedrive.second_delete", "unknown", "A second DELETE of a person is 404; v1 answered 410."),
    Assumption("pipedrive.name_and_parts", "invented", "In a body with name and parts, the parts win."),
    Assumption("pipedrive.blank_addresses", "invented", "E-mails and phones without text are dropped."),
    Assumption(
        "pipedrive.several_primary", "invented", "Of several primary entries the first stays primary."
    ),
    Assumption("pipedrive.label_ids_checked", "invented", "An unknown label id is refused."),
    Assumption(
        "pipedrive.long_names", "invented", "Names, addresses and phones have at most 255 characters."
    ),
    Assumption(
        "pipedrive.visible_to_default",
        "infer",
        "A new person is visible_to 3 on every plan ([live] N8N, NANGO).",
    ),
    Assumption(
        "pipedrive.order_of_set", "invented", "The ids of a set come back in ascending order, each once."
    ),
    Assumption(
        "pipedrive.deleted_option",
        "infer",
        "Persons keep the id of a deleted option; with labels its label is null.",
    ),
    Assumption("pipedrive.labels_key", "infer", "include_labels adds the key 'labels'."),
    Assumption(
        "pipedrive.standard_field_rows", "invented", "Selection, order and names of Pipedrive's own fields."
    ),
    Assumption(
        "pipedrive.own_fields_fixed",
        "invented",
        "Pipedrive's own fields and their options cannot be changed (400).",
    ),
    Assumption("pipedrive.time_zone_id", "invented", "timezone_id of time fields is 254, whatever the zone."),
    Assumption("pipedrive.currency", "infer", "A monetary value needs a currency of three capitals."),
    Assumption(
        "pipedrive.search_scores",
        "invented",
        "Scores 0.9, 0.6, 0.3 for equal, beginning, inside; then by id.",
    ),
    Assumption(
        "pipedrive.search_matches", "invented", "custom_fields and notes of a search item hold what matched."
    ),
    Assumption(
        "pipedrive.cursor_of_fields_and_search",
        "invented",
        "A position; that of persons was seen ([live] N8N).",
    ),
    Assumption(
        "pipedrive.cursor_and_order", "invented", "A cursor with another order than its own is refused."
    ),
    Assumption("pipedrive.cursor_life", "unknown", "Cursors never expire."),
    Assumption(
        "pipedrive.refused_costs_nothing",
        "invented",
        "401, 403 and 429 cost no tokens; 400 and 404 cost as usual.",
    ),
    Assumption(
        "pipedrive.budget_edge", "invented", "A call that costs more than what is left of the day is refused."
    ),
    Assumption(
        "pipedrive.search_window",
        "invented",
        "A search counts in both windows; its headers show the search window.",
    ),
    Assumption(
        "pipedrive.visibility", "invented", "No groups: visible_to 1 hides from colleagues, others do not."
    ),
    Assumption(
        "pipedrive.left_out", "invented", "x-daily-requests-left (documented, never seen) is not sent."
    ),
)
