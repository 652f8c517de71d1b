"""The sandbox: stand-ins of Pipedrive and Plezi on loopback, in a process of their own.

Why: a sync tool cannot be tried on the customer's own CRM. Here both services keep state in one SQLite file, with
paging, costs, limits, error bodies and the quirks that make real syncs go wrong; and they fail on request.

Start it with ``python -m pdsync.sandbox --db FILE``. Nothing here imports the rest of pdsync: a stand-in that
shares code with the client it tests would share its mistakes too.

Where to look:

- ``database``: the SQLite file, transactions, how a module declares tables
- ``clock``: the time of the stand-ins, which tests may push forward
- ``switches``: every behaviour that no public source settles, behind a name
- ``gateway``: what happens to every request before and after its handler: faults, access, limits, ledger
- ``pipedrive``: Pipedrive's persons and person fields; ``plezi``: Plezi's contacts
- ``control``: the API of the sandbox about itself, under ``/_sandbox``
- ``assembly`` puts both services together, ``process`` serves them
"""
