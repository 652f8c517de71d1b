"""The switches of the Pipedrive stand-in. Sources are named as in the API reference's list."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pdsync.sandbox.switches import Switch


def _is_positive(number: int) -> bool:
    return number > 0


def _is_not_negative(number: int) -> bool:
    return number >= 0


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


PLANS = ("lite", "growth", "premium", "ultimate")

PIPEDRIVE_SWITCHES = (
    # What the account has.
    Switch(
        "pipedrive.plan",
        default="ultimate",
        choices=PLANS,
        meaning="The plan decides the daily budget and the burst windows.",
        mark="doc",
        source="RL 2026-09-17",
    ),
    Switch(
        "pipedrive.seats",
        default=1,
        allows=_is_positive,
        meaning="Seats multiply the daily budget.",
        mark="doc",
        source="RL 2026-09-17",
    ),
    Switch(
        "pipedrive.campaigns_app",
        default=False,
        meaning="Without the Campaigns app there is no marketing_status and no doi_status.",
        mark="spec",
        source="GET /persons, include_fields",
    ),
    Switch(
        "pipedrive.contact_sync",
        default=False,
        meaning="Without contact sync there are no postal_address, notes, im, birthday, job_title; writing them is 403.",
        mark="live",
        source="spec for the fields, SPIKE (one note) for the 403",
    ),
    Switch(
        "pipedrive.time_zone",
        default="Europe/Paris",
        allows=_is_time_zone,
        meaning="The company's time zone: what a time field is given.",
        mark="spec",
        source="v1 users/me, timezone_name",
    ),
    # Limits.
    Switch(
        "pipedrive.rate_limit_headers",
        default=True,
        meaning="Rate-limit headers are sent; they may be missing after inactivity.",
        mark="live",
        source="NANGO; Pipedrive staff 2026-01-12",
    ),
    Switch(
        "pipedrive.balance_before_call",
        default=True,
        meaning="x-daily-ratelimit-token-remaining is the balance before the current call; off: after it.",
        mark="infer",
        source="NANGO: differences between recordings",
    ),
    Switch(
        "pipedrive.limits_enforced",
        default=True,
        meaning="Burst windows and the daily budget refuse requests; off: they only count (for loading and benchmarks).",
        mark="invented",
        source="convenience of the sandbox",
    ),
    Switch(
        "pipedrive.block_after_refusals",
        default=20,
        allows=_is_not_negative,
        meaning="So many 429 within 60 seconds lead to a 403 with an HTML page; 0: never.",
        mark="invented",
        source="RL states the block, not the number",
    ),
    Switch(
        "pipedrive.block_seconds",
        default=60,
        allows=_is_not_negative,
        meaning="How long that block lasts.",
        mark="invented",
        source="RL states the block, not its length",
    ),
    Switch(
        "pipedrive.budget_time_zone",
        default="UTC",
        allows=_is_time_zone,
        meaning="The daily budget is renewed at midnight of this zone.",
        mark="unknown",
        source="RL: midnight of the server's time zone, which is not named",
    ),
    Switch(
        "pipedrive.shows_is_admin",
        default=True,
        meaning="Users have is_admin (0 or 1) beside access; off: access alone says who is an administrator.",
        mark="unknown",
        source="older answers of v1 had it, the official file of 2026-08-18 does not",
    ),
    # Requests.
    Switch(
        "pipedrive.strict_body_keys",
        default=True,
        meaning="An unknown key in a body is refused; off: ignored.",
        mark="live",
        source="MMED: may be refused",
    ),
    Switch(
        "pipedrive.strict_query_parameters",
        default=False,
        meaning="An unknown query parameter is ignored; on: refused.",
        mark="unknown",
        source="AIR saw 400 on other lists; another connector says ignored",
    ),
    Switch(
        "pipedrive.large_limit",
        default="refuse",
        choices=("refuse", "clamp"),
        meaning="A limit above 500 is refused, or cut down to 500.",
        mark="unknown",
        source="spec states the maximum only",
    ),
    Switch(
        "pipedrive.standard_fields_clearable",
        default=False,
        meaning="null for name parts, org_id, owner_id and other standard scalars is refused; on: it clears.",
        mark="infer",
        source="MMED 2026-09-16 on deals: The value is not a valid 'string'",
    ),
    Switch(
        "pipedrive.references_checked",
        default=True,
        meaning="An id of a user, organization or person that does not exist is refused; off: kept.",
        mark="unknown",
        source="no recording",
    ),
    Switch(
        "pipedrive.long_text",
        default="refuse",
        choices=("refuse", "truncate"),
        meaning="Text above 255 characters (65,535 for type text) is refused, or cut.",
        mark="unknown",
        source="spec states the length only",
    ),
    Switch(
        "pipedrive.empty_text_is_null",
        default=True,
        meaning='"" in a text field is kept as null; off: kept as "".',
        mark="unknown",
        source="no recording",
    ),
    Switch(
        "pipedrive.trims_text",
        default=False,
        meaning="Text is kept as sent; on: white space at both ends is cut, so that the answer differs from what was sent.",
        mark="unknown",
        source="no recording",
    ),
    Switch(
        "pipedrive.any_label",
        default=True,
        meaning="Any string is a label of an e-mail or phone; off: work, home, mobile, other.",
        mark="unknown",
        source="spec declares no enum; the v1 merge text names these",
    ),
    Switch(
        "pipedrive.anybody_changes_lists",
        default=True,
        meaning="Every user's token may add and remove options; off: administrators only, others get 403.",
        mark="unknown",
        source="spec names OAuth scopes (contacts:full is enough), nothing about users",
    ),
    Switch(
        "pipedrive.options_alike",
        default=True,
        meaning="Two options of a list may bear one label; off: refused.",
        mark="unknown",
        source="no recording",
    ),
    # What is kept and shown.
    Switch(
        "pipedrive.custom_fields_null_without_fields",
        default=True,
        meaning="custom_fields is null while the account has no custom field; off: an empty object.",
        mark="live",
        source="NANGO, seen on a deal",
    ),
    Switch(
        "pipedrive.untouched_in_updated_since",
        default=False,
        meaning="Persons whose update_time is null are missed by updated_since and updated_until; on: add_time counts.",
        mark="unknown",
        source="no recording",
    ),
    Switch(
        "pipedrive.untouched_in_update_time_order",
        default=False,
        meaning="Persons whose update_time is null are missed by sort_by=update_time; on: they come before all others.",
        mark="unknown",
        source="no recording",
    ),
    Switch(
        "pipedrive.same_value_moves_update_time",
        default=True,
        meaning="A PATCH that changes nothing moves update_time; off: it does not.",
        mark="unknown",
        source="no recording",
    ),
    Switch(
        "pipedrive.deleted_person_readable",
        default=True,
        meaning="GET of a deleted person answers it with is_deleted true for 30 days; off: 404.",
        mark="unknown",
        source="MIG says what its update_time is, so it is shown somewhere",
    ),
    Switch(
        "pipedrive.search_lag_seconds",
        default=0,
        allows=_is_not_negative,
        meaning="Search finds a person so many seconds after it was written.",
        mark="unknown",
        source="no recording",
    ),
)
