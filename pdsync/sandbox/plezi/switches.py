"""What is assumed about Plezi: one switch for each behaviour that the stand-in had to choose.

Marks and section numbers are those of the notes on Plezi's API. `invented` marks the contact routes of the sandbox
profile, of which no public source says that they exist.
"""

from __future__ import annotations

from typing import Final

from pdsync.sandbox.switches import Switch

_ASSUMED_SLUGS: Final = "Plezi notes 7.3: a customer moved from 'Paris' to 'paris' within a week"
_SILENCE: Final = "no public source (Plezi notes, section 9)"

PLEZI_SWITCHES: Final[tuple[Switch, ...]] = (
    Switch(
        name="plezi.tenant_header",
        default="name",
        choices=("name", "id", "either"),
        meaning="X-Tenant-Company holds the company's name; or its id; or either is accepted",
        mark="code",
        source="Plezi notes 3.1: two customers settled on the name",
    ),
    Switch(
        name="plezi.refusal_status",
        default=401,
        choices=(401, 403),
        meaning="status of a request with missing or wrong credentials",
        mark="unknown",
        source=_SILENCE,
    ),
    Switch(
        name="plezi.requests_per_minute",
        default=0,
        meaning="0: no limit; otherwise so many requests in a sliding minute, then 429 with errors[]",
        mark="unknown",
        source="Plezi notes, section 8: no rate limit is known",
    ),
    Switch(
        name="plezi.options_are_case_sensitive",
        default=True,
        meaning="an option value must be written exactly; off: 'Paris' is taken for 'paris', and stored as 'paris'",
        mark="infer",
        source=_ASSUMED_SLUGS,
    ),
    # the form submission, GET /api/v1/create_contact_after_webform
    Switch(
        name="plezi.webform_updates_known_email",
        default=True,
        meaning="a submission with a known email updates that contact; off: it is refused",
        mark="infer",
        source="Plezi notes 3.1: keep_multiple_select_values makes sense only so",
    ),
    Switch(
        name="plezi.webform_multiple_values",
        default="replace_unless_kept",
        choices=("replace_unless_kept", "always_replace", "always_add"),
        meaning="several values replace those held, and are added with keep_multiple_select_values=true",
        mark="infer",
        source="Plezi notes 7.3: from the parameter's name",
    ),
    Switch(
        name="plezi.webform_body",
        default="nothing",
        choices=("nothing", "contact"),
        meaning="a success answers {} ; or the contact. No known caller reads it, so no client may",
        mark="unknown",
        source="Plezi notes 3.1: the shape of the body is unknown",
    ),
    Switch(
        name="plezi.webform_new_status",
        default=201,
        choices=(200, 201),
        meaning="status of a submission that made a contact; one that updated a contact answers 200",
        mark="code",
        source="Plezi notes 3.1: callers accept 200 and 201; which means what is not known",
    ),
    Switch(
        name="plezi.webform_failure_status",
        default=422,
        choices=(400, 404, 422),
        meaning="status of a refused submission",
        mark="unknown",
        source="Plezi notes 3.1",
    ),
    Switch(
        name="plezi.webform_unknown_values",
        default="drop",
        choices=("drop", "refuse"),
        meaning="an unknown option, or a value of the wrong form, is left out in silence; or the submission is refused",
        mark="unknown",
        source=_SILENCE,
    ),
    Switch(
        name="plezi.webform_unknown_parameters",
        default="drop",
        choices=("drop", "refuse"),
        meaning="a plz_ parameter that is no field is left out in silence; or the submission is refused",
        mark="unknown",
        source=_SILENCE,
    ),
    Switch(
        name="plezi.webform_empty_values_clear",
        default=False,
        meaning="an empty parameter leaves the field as it is; on: it empties the field",
        mark="unknown",
        source=_SILENCE,
    ),
    Switch(
        name="plezi.webform_points",
        default=5,
        meaning="points that a submission adds to behaviour_score",
        mark="doc",
        source="Plezi notes 7.4: recommended points are 0-1, 5, 20, 40; customers set their own",
    ),
    # the signed routes of the current API
    Switch(
        name="plezi.brain_accepts_line_feeds",
        default=False,
        meaning="only a literal backslash-n separates the signed parts; on: real line feeds are accepted as well",
        mark="unknown",
        source="Plezi notes 4.4",
    ),
    Switch(
        name="plezi.brain_accepts_any_nonce",
        default=False,
        meaning="only the plugin's constant nonce WP-PLEZI is accepted",
        mark="unknown",
        source="Plezi notes 4.4",
    ),
    Switch(
        name="plezi.brain_tolerance_seconds",
        default=300,
        meaning="how far ts may be from the server's clock; 0: it is not looked at",
        mark="unknown",
        source="Plezi notes 4.4",
    ),
    Switch(
        name="plezi.brain_per_page_max",
        default=100,
        meaning="a larger per_page of the forms list is cut to this",
        mark="unknown",
        source="Plezi notes 4.2: 20 is used; the maximum is not known",
    ),
    # the contact routes that we invented
    Switch(
        name="plezi.contacts_updated_since",
        default=True,
        meaning="the contact list takes updated_since; off: it is refused, so every read is a full one",
        mark="invented",
        source="Plezi notes 5.1: no such filter is among the options that a third party lists",
    ),
    Switch(
        name="plezi.contacts_can_be_cleared",
        default=True,
        meaning="null empties a field; off: it is refused",
        mark="invented",
        source=_SILENCE,
    ),
    Switch(
        name="plezi.equal_update_moves_updated_at",
        default=True,
        meaning="an update that changes nothing moves updated_at all the same; off: it does not",
        mark="unknown",
        source=_SILENCE,
    ),
    Switch(
        name="plezi.opt_out_is_final",
        default=True,
        meaning="opted_out cannot be set back to false through the API; off: it can",
        mark="invented",
        source="consent is the person's own to give again",
    ),
)
