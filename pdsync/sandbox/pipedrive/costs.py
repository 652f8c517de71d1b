"""What each call costs, in tokens: ``x-token-cost`` of the official files ([spec]), whatever the size of the page.

v2 lives under ``/api/v2`` only, v1 under both ``/v1`` and ``/api/v1`` ([code], section 1.4 of the reference).
"""

from __future__ import annotations

V2 = "/api/v2"
V1_PREFIXES = ("/v1", "/api/v1")

COSTS: dict[tuple[str, str], int] = {
    ("GET", f"{V2}/persons"): 10,
    ("POST", f"{V2}/persons"): 5,
    ("GET", f"{V2}/persons/search"): 20,
    ("GET", f"{V2}/persons/{{id}}"): 1,
    ("PATCH", f"{V2}/persons/{{id}}"): 5,
    ("DELETE", f"{V2}/persons/{{id}}"): 3,
    ("GET", f"{V2}/personFields"): 10,
    ("POST", f"{V2}/personFields"): 5,
    ("GET", f"{V2}/personFields/{{field_code}}"): 1,
    ("PATCH", f"{V2}/personFields/{{field_code}}"): 5,
    ("DELETE", f"{V2}/personFields/{{field_code}}"): 3,
    ("POST", f"{V2}/personFields/{{field_code}}/options"): 5,
    ("PATCH", f"{V2}/personFields/{{field_code}}/options"): 5,
    ("DELETE", f"{V2}/personFields/{{field_code}}/options"): 3,
    **{("GET", f"{prefix}/users/me"): 2 for prefix in V1_PREFIXES},
    **{("GET", f"{prefix}/users"): 20 for prefix in V1_PREFIXES},
}
"""By method and template of the path. A route that is not here cannot be served."""
