"""The fields that every account has, as ``GET /personFields`` shows them.

Codes differ from the person's keys in places: the field ``email`` is the key ``emails``, ``phone`` is
``phones`` ([spec], the example of GET /personFields). The shape of a row and the types are [spec];
``label_ids`` as a set with options is [live] AIR. Invented: the exact selection, order and names of the rows,
for no recording of v2 ``/personFields`` is known. A client must therefore look fields up by code and cope with
rows that it does not know.
"""

from __future__ import annotations

from dataclasses import dataclass

from pdsync.sandbox.switches import Switches


@dataclass(frozen=True, slots=True)
class StandardField:
    """One field of Pipedrive's own."""

    code: str
    name: str
    type: str
    is_optional: bool = False
    """Answered only when named in ``include_fields``."""

    switch: str | None = None
    """Exists only while this switch is on."""

    options: tuple[tuple[int | str, str], ...] | None = None
    """Options that never change; those of ``label_ids`` are in the database."""


_VISIBILITY = (
    (1, "Item owner"),
    (3, "Item owner's visibility group"),
    (5, "Group and sub-groups"),
    (7, "All users"),
)
MARKETING_STATUSES = ("no_consent", "unsubscribed", "subscribed", "archived")
"""[spec] POST /persons, ``marketing_status``."""

_MARKETING = tuple((status, status.replace("_", " ").capitalize()) for status in MARKETING_STATUSES)
_CONTACT_SYNC = "pipedrive.contact_sync"
_CAMPAIGNS = "pipedrive.campaigns_app"

STANDARD_FIELDS = (
    StandardField("id", "ID", "int"),
    StandardField("name", "Name", "varchar"),
    StandardField("first_name", "First name", "varchar"),
    StandardField("last_name", "Last name", "varchar"),
    StandardField("email", "Email", "varchar"),
    StandardField("phone", "Phone", "phone"),
    StandardField("label_ids", "Labels", "set"),
    StandardField("owner_id", "Owner", "user"),
    StandardField("org_id", "Organization", "org"),
    StandardField("add_time", "Person created", "date"),
    StandardField("update_time", "Update time", "date"),
    StandardField("visible_to", "Visible to", "visible_to", options=_VISIBILITY),
    StandardField("picture_id", "Profile picture", "picture"),
    StandardField("postal_address", "Postal address", "address", switch=_CONTACT_SYNC),
    StandardField("notes", "Notes", "text", switch=_CONTACT_SYNC),
    StandardField("im", "Instant messenger", "varchar", switch=_CONTACT_SYNC),
    StandardField("birthday", "Birthday", "date", switch=_CONTACT_SYNC),
    StandardField("job_title", "Job title", "varchar", switch=_CONTACT_SYNC),
    StandardField("marketing_status", "Marketing status", "enum", True, _CAMPAIGNS, _MARKETING),  # noqa: FBT003
    StandardField("doi_status", "Double opt-in", "enum", True, _CAMPAIGNS, ((1, "No"), (2, "Yes"))),  # noqa: FBT003
    StandardField("next_activity_id", "Next activity", "activity", is_optional=True),
    StandardField("last_activity_id", "Last activity", "activity", is_optional=True),
    StandardField("last_incoming_mail_time", "Last email received", "date", is_optional=True),
    StandardField("last_outgoing_mail_time", "Last email sent", "date", is_optional=True),
    StandardField("smart_bcc_email", "Smart BCC", "varchar", is_optional=True),
    *(
        StandardField(
            code, code.replace("_", " ").removesuffix(" count").capitalize(), "int", is_optional=True
        )
        for code in (
            "open_deals_count",
            "related_open_deals_count",
            "closed_deals_count",
            "related_closed_deals_count",
            "participant_open_deals_count",
            "participant_closed_deals_count",
            "email_messages_count",
            "activities_count",
            "done_activities_count",
            "undone_activities_count",
            "files_count",
            "notes_count",
            "followers_count",
            "won_deals_count",
            "related_won_deals_count",
            "lost_deals_count",
            "related_lost_deals_count",
        )
    ),
)

CAMPAIGNS_FIELDS = frozenset(field.code for field in STANDARD_FIELDS if field.switch == _CAMPAIGNS)
CONTACT_SYNC_FIELDS = tuple(field.code for field in STANDARD_FIELDS if field.switch == _CONTACT_SYNC)
OPTIONAL_VALUES: dict[str, int | str | None] = {
    field.code: 0 if field.type == "int" else None
    for field in STANDARD_FIELDS
    if field.is_optional and field.switch is None
}
"""What ``include_fields`` may name, with what it answers here: this account has no deals, activities, mails or files."""


def standard_fields(switches: Switches) -> list[StandardField]:
    """The fields that this account has."""
    return [field for field in STANDARD_FIELDS if field.switch is None or switches.on(field.switch)]
