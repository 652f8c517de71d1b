"""The stand-in of Plezi: three faces over one set of contacts.

- `contact_routes`: profile `sandbox`, **invented by us**: everything that a two-way sync needs
- `webform`: profile `app-v1`, the form submission that customers' code calls
- `brain`: profile `brain-v1`, the signed calls of Plezi's WordPress plugin; `signature` checks them

Behind them: `contacts` (what a write does), `fields` and `fieldbook` (which values are accepted), `tables`, `switches`
(what is assumed), `standin` (access), `app` (routes).

"Plezi notes" in these modules are the project's notes on Plezi's API, which is documented nowhere in public; their
sections and marks are quoted where a behaviour rests on them.
"""
