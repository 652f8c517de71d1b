"""`GET /api/v1/create_contact_after_webform`: the one write that is known of Plezi (profile `app-v1`).

A GET that writes, with everything in the query string, as three customers call it (Plezi notes 3.1, `[code]`). It
"simulates a form submission", so it has the side effects of one: points, a row among the submissions, consents and
newsletter subscriptions. That is why a client may create with it and must not keep records in step with it.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pdsync.sandbox.plezi.contacts import OFFLINE_MEDIUM, Origin
from pdsync.sandbox.plezi.fields import CUSTOM_PREFIX, BadValueError, Field, accepted, from_text
from pdsync.sandbox.plezi.problems import RefusedError
from pdsync.sandbox.plezi.standin import Plezi

_STANDARD: Final = ("email", "first_name", "last_name", "company")
_TRACKING: Final = ("visit", "visitor", "utm", "utm_medium", "utm_source", "gclid", "referer")
_CONSENT: Final = re.compile(r"consents\[\d*\]")
_SOURCES: Final = {"fb": "Facebook"}
"""Names that Plezi spells out (notes 7.5); the rest of its table is not public."""


class Submission:
    """One submission, read from the query string."""

    def __init__(self, parameters: Sequence[tuple[str, str]]) -> None:
        self.parameters = parameters
        self._by_name = dict(parameters)
        """Of a name that is sent twice the last value counts, as in Rails."""

    def get(self, name: str) -> str | None:
        """A parameter, None if it is missing or empty."""
        return self._by_name.get(name) or None

    @property
    def texts(self) -> Mapping[str, str]:
        """The parameters that hold values of contact fields, unknown custom ones included."""
        return {
            name: text
            for name, text in self._by_name.items()
            if name in _STANDARD or name.startswith(CUSTOM_PREFIX)
        }

    @property
    def keeps_multiple_values(self) -> bool:
        """Whether several values are to be added to those held."""
        return self._by_name.get("keep_multiple_select_values") == "true"

    @property
    def consents(self) -> list[int]:
        """The consents given: PHP's `http_build_query` writes them `consents[0]=12`."""
        return [int(text) for name, text in self.parameters if _CONSENT.fullmatch(name) and text.isdecimal()]

    @property
    def unknown(self) -> list[str]:
        """Parameters of which nobody knows a meaning, custom fields aside."""
        known = {
            *_STANDARD,
            *_TRACKING,
            "form_id",
            "content_web_form_id",
            "subscriptions",
            "keep_multiple_select_values",
        }
        return [
            name
            for name in self._by_name
            if name not in known and not name.startswith(CUSTOM_PREFIX) and not _CONSENT.fullmatch(name)
        ]

    def origin(self, form: str) -> Origin:
        """What the tracking parameters say of a new contact (Plezi notes 7.5, in part)."""
        utm_source = self.get("utm_source")
        if self.get("gclid"):
            return Origin("Google", "Paid search", form)
        if utm_source:
            return Origin(
                _SOURCES.get(utm_source.lower(), utm_source), self.get("utm_medium") or "Other mediums", form
            )
        if self.get("referer"):
            return Origin(self.get("referer"), "Referer", form)
        if self.get("visit") or self.get("visitor"):
            return Origin("direct", "Direct traffic", form)
        return Origin(None, OFFLINE_MEDIUM, form)


class Webform:
    """The route and what it does."""

    def __init__(self, plezi: Plezi) -> None:
        self._plezi = plezi

    async def submit(self, request: Request) -> Response:
        """Take a submission; 200 or 201, or `errors[]`."""
        plezi = self._plezi
        plezi.require_header_pair(request)
        submission = Submission(request.query_params.multi_items())
        with plezi.db.transaction():
            form = self._form(submission)
            values = self._values(submission)
            known = plezi.contacts.by_email(values["email"])
            if known is not None and not plezi.switches.on("plezi.webform_updates_known_email"):
                raise self._refusal(f"another contact has the email {values['email']}")
            if known is None:
                filled = {key: value for key, value in values.items() if value is not None}
                row = plezi.contacts.create(filled, submission.origin(form["title"]))
            else:
                values.pop("email")  # the address is what found the contact: its spelling stays as it was
                self._add_to_held(submission, plezi.contacts.resource(known)["attributes"], values)
                row = plezi.contacts.update(known, values)
            row = self._leave_traces(row, form, submission)
        status = 200 if known is not None else plezi.switches.number("plezi.webform_new_status")
        shown = plezi.switches.text("plezi.webform_body") == "contact"
        return JSONResponse({"data": plezi.contacts.resource(row)} if shown else {}, status_code=status)

    def _form(self, submission: Submission) -> sqlite3.Row:
        """The form that is said to have been filled in: it must exist first (Plezi notes 3.1)."""
        form = self._plezi.db.row(
            "SELECT id, title FROM plezi_forms WHERE form_id = ? AND id = ?",
            (submission.get("form_id"), submission.get("content_web_form_id")),
        )
        if form is None:
            raise self._refusal("form_id and content_web_form_id name no form")
        return form

    def _values(self, submission: Submission) -> dict[str, Any]:
        """The values to write; what cannot be used is dropped or refused, as the switches say."""
        switches = self._plezi.switches
        fields = self._plezi.fields.all()
        refuse_parameters = switches.text("plezi.webform_unknown_parameters") == "refuse"
        refuse_values = switches.text("plezi.webform_unknown_values") == "refuse"
        problems = [f"{name} is not a parameter" for name in submission.unknown if refuse_parameters]
        values: dict[str, Any] = {}
        for key, text in submission.texts.items():
            field = fields.get(key)
            if field is None:
                if refuse_parameters:
                    problems.append(f"{key} is not a field")
                continue
            if not text.strip():
                if switches.on("plezi.webform_empty_values_clear"):
                    values[key] = None
                continue
            try:
                values[key] = self._accepted(field, text)
            except BadValueError as problem:
                if refuse_values or key == "email":
                    problems.append(str(problem))
        if values.get("email") is None and not problems:
            problems.append("email is required")
        if problems:
            raise self._refusal(*problems)
        return values

    def _accepted(self, field: Field, text: str) -> Any:  # noqa: ANN401 - the value is of the field's type
        """One value; of a multiple selection the options that exist, unless unknown ones are refused."""
        switches = self._plezi.switches
        case_sensitive = switches.on("plezi.options_are_case_sensitive")
        value = from_text(field, text)
        if field.type != "multiple_selection" or switches.text("plezi.webform_unknown_values") == "refuse":
            return accepted(field, value, case_sensitive=case_sensitive)
        kept: list[str] = []
        for item in value:
            try:
                kept += accepted(field, [item], case_sensitive=case_sensitive) or []
            except BadValueError:
                continue
        if not kept:
            raise BadValueError(f"{field.key} has none of these options")
        return list(dict.fromkeys(kept))

    def _add_to_held(self, submission: Submission, held: Mapping[str, Any], values: dict[str, Any]) -> None:
        """Join several values to those that the contact holds, where that is asked for."""
        mode = self._plezi.switches.text("plezi.webform_multiple_values")
        if mode == "always_replace" or (
            mode == "replace_unless_kept" and not submission.keeps_multiple_values
        ):
            return
        fields = self._plezi.fields.all()
        for key, value in values.items():
            if fields[key].type == "multiple_selection" and value is not None:
                values[key] = list(dict.fromkeys([*(held[key] or []), *value]))

    def _leave_traces(self, row: sqlite3.Row, form: sqlite3.Row, submission: Submission) -> sqlite3.Row:
        """The side effects of a submission: points, consents, subscriptions, a row that tells of it."""
        plezi = self._plezi
        points = plezi.switches.number("plezi.webform_points")
        now = plezi.clock.stamp()
        consents = dict.fromkeys([*json.loads(row["consents"]), *submission.consents])
        newsletter = submission.get("subscriptions")
        subscriptions = dict.fromkeys(
            [*json.loads(row["subscriptions"]), *([newsletter] if newsletter else [])]
        )
        plezi.db.execute(
            "UPDATE plezi_contacts SET behaviour_score = behaviour_score + ?, consents = ?, subscriptions = ?,"
            " updated_at = ? WHERE id = ?",
            (points, json.dumps(list(consents)), json.dumps(list(subscriptions)), now, row["id"]),
        )
        plezi.db.execute(
            "INSERT INTO plezi_submissions (contact_id, form, submitted_at, parameters, points) VALUES (?, ?, ?, ?, ?)",
            (row["id"], form["id"], now, json.dumps(submission.parameters, ensure_ascii=False), points),
        )
        return plezi.contacts.row(row["id"])

    def _refusal(self, *details: str) -> RefusedError:
        status = self._plezi.switches.number("plezi.webform_failure_status")
        return RefusedError(status, "Submission refused", *details)
