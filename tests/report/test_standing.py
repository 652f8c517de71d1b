"""What the lines about an audit before say of findings that are solved."""

from __future__ import annotations

from dataclasses import replace

from pdsync.model import FindingsDifference
from pdsync.report.text.layout import painted
from pdsync.report.text.standing import solved_lines
from tests.report.build import ambiguous, audit_report


def test_a_solved_finding_about_many_names_two_and_counts_the_others() -> None:
    """One finding may be about half an account: who is not named is counted, those that the sample left out as well."""
    solved = FindingsDifference(solved=2, solved_samples=(replace(ambiguous(), details={"more": 57}),))
    differences = audit_report().differences
    assert differences is not None

    lines = painted(solved_lines(replace(differences, by_code={"import-share": solved}), 200), colour=False)

    assert [text for text in lines if text] == [
        "solved  import-share  pipedrive:person/1042 pipedrive:person/1043 and 58 others, 1 more"
    ]
