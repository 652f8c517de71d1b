"""The calls of API v2 on persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive import query as q
from pdsync.sandbox.pipedrive.access import User, current_user
from pdsync.sandbox.pipedrive.body import read_object
from pdsync.sandbox.pipedrive.listing import LIST_PARAMETERS, list_persons
from pdsync.sandbox.pipedrive.person_body import PersonBody
from pdsync.sandbox.pipedrive.persons import Person, Persons, View
from pdsync.sandbox.pipedrive.problems import invalid, not_found
from pdsync.sandbox.pipedrive.search import SEARCH_PARAMETERS, Search
from pdsync.sandbox.pipedrive.standard_fields import CAMPAIGNS_FIELDS, OPTIONAL_VALUES
from pdsync.sandbox.switches import Switches
from pdsync.sandbox.wire import JsonResponse

_VIEW_PARAMETERS = frozenset({"include_fields", "custom_fields", "include_option_labels", "include_labels"})
_MOST_CUSTOM_FIELDS = 15


@dataclass(frozen=True, slots=True)
class PersonRoutes:
    """Handlers."""

    db: Database
    clock: Clock
    switches: Switches
    persons: Persons
    bodies: PersonBody
    finder: Search

    async def page(self, request: Request) -> Response:
        """GET /persons."""
        params = request.query_params
        q.check_known(params, LIST_PARAMETERS, self.switches)
        present = self.persons.presenter(self._view(params))
        found = list_persons(self.db, self.switches, current_user(request), params)
        return JsonResponse(
            {
                "success": True,
                "data": [present(person) for person in found.persons],
                "additional_data": {"next_cursor": found.next_cursor},
            }
        )

    async def get(self, request: Request) -> Response:
        """GET /persons/{id}."""
        q.check_known(request.query_params, _VIEW_PARAMETERS, self.switches)
        view = self._view(request.query_params)
        person = self._find(request, current_user(request))
        if person.deleted_time is not None and not self.switches.on("pipedrive.deleted_person_readable"):
            raise not_found("Person")
        return self._one(person, view)

    async def create(self, request: Request) -> Response:
        """POST /persons: 200, not 201 ([live] N8N). Nobody looks for duplicates."""
        body = await read_object(request)
        person = self.bodies.new(body, current_user(request).id)
        return self._one(self.persons.insert(person), self._answer_view())

    async def update(self, request: Request) -> Response:
        """PATCH /persons/{id}."""
        body = await read_object(request)  # the last await: nothing may come between reading and writing
        person = self._find_alive(request, current_user(request))
        changed = self.bodies.changed(person, body)
        if changed != person or self.switches.on("pipedrive.same_value_moves_update_time"):
            changed.update_time = self.clock.stamp()
            self.persons.update(changed)
        return self._one(changed, self._answer_view())

    async def delete(self, request: Request) -> Response:
        """DELETE /persons/{id}. A second time is 404 here; what v2 does is unknown (v1 answered 410)."""
        person = self._find_alive(request, current_user(request))
        self.persons.delete(person)
        return JsonResponse({"success": True, "data": {"id": person.id}})

    async def search(self, request: Request) -> Response:
        """GET /persons/search."""
        q.check_known(request.query_params, SEARCH_PARAMETERS, self.switches)
        return JsonResponse(self.finder.answer(current_user(request), request.query_params))

    def _find(self, request: Request, user: User) -> Person:
        person = self.persons.find(q.path_id(request.path_params["id"], "id"))
        if person is None or not user.sees(person):
            raise not_found("Person")
        return person

    def _find_alive(self, request: Request, user: User) -> Person:
        person = self._find(request, user)
        if person.deleted_time is not None:
            raise not_found("Person")
        return person

    def _one(self, person: Person, view: View) -> Response:
        body: dict[str, Any] = {"success": True, "data": self.persons.presenter(view)(person)}
        return JsonResponse(body)

    def _answer_view(self) -> View:
        """[spec] a company with Campaigns gets marketing_status back from a write."""
        on = self.switches.on("pipedrive.campaigns_app")
        return View(include_fields=("marketing_status",) if on else ())

    def _view(self, params: QueryParams) -> View:
        include = q.words(params, "include_fields") or []
        for name in include:
            if name in CAMPAIGNS_FIELDS:
                if not self.switches.on("pipedrive.campaigns_app"):
                    raise invalid(f"include_fields: '{name}' needs the Campaigns app")
            elif name not in OPTIONAL_VALUES:
                raise invalid(f"include_fields: '{name}' is not a valid value")
        custom = q.words(params, "custom_fields", _MOST_CUSTOM_FIELDS)
        return View(
            include_fields=tuple(include),
            custom_fields=None if custom is None else frozenset(custom),
            option_labels=q.flag(params, "include_option_labels"),
            labels=q.flag(params, "include_labels"),
        )
