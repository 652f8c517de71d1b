"""The nouns of pdsync: frozen values, standard library only. This page is the glossary.

side
    Pipedrive or Plezi. A direction is a value; no function exists twice, once per side. (``Side``)
record
    One person (Pipedrive) or contact (Plezi): id, delivered values, time of last change. (``Record``)
snapshot
    What was read from one side at one time, with its coverage. Only a complete snapshot proves that something is
    absent. (``Coverage``; the files are in ``pdsync.snapshots``)
remote schema
    The fields of one side, their types, options, and what the side can do. (``RemoteSchema``, ``Field``, ``Option``)
API profile
    A YAML file that says how to talk to Plezi's API, with the evidence for each call.
mapping
    One YAML file: identity, scope, conflicts, limits, field mappings, audit thresholds. (``Mapping``)
field mapping
    A field here, a field there, a direction, how values translate. (``FieldMapping``; resolved: ``BoundField``)
link
    "This person is that contact", with the email address it rests on. (``Link``)
merge base
    The value of a field mapping that both sides last agreed on, as the servers store it. (``MergeBase``)
ledger
    The sync state: all links with their merge bases. (``pdsync.store``)
finding
    Something a person should know: code, severity, subjects, message, place, fix. (``Finding``)
change
    A create, update, link or unlink of one record; an update holds field changes. (``Change``, ``FieldChange``)
plan
    The dry run: the changes and findings that follow from two snapshots, a mapping and a ledger. (``Plan``)
run
    One attempt to carry out a plan; its journal keeps every intent and outcome. (``RunSummary``, ``JournalEntry``)
acknowledgement
    "We know of this finding and accept it": who, why, until when, in a file in git. (``Acknowledgement``)
explanation
    Everything that is known of one person: records, link, bases, findings, what would be done and why. (``Explanation``)
quality gate
    The audit thresholds: ready, ready with warnings, not ready. (``Gate``)

A name is loaded when it is first used: a value type costs a millisecond to make, and no verb or screen needs all of them.
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pdsync.model.accepting import Acknowledged, AcknowledgedState, Acknowledgement
    from pdsync.model.audits import AuditDifferences, AuditReport, AuditSummary, FindingsDifference
    from pdsync.model.binding import BoundField, BoundMapping
    from pdsync.model.explanations import (
        ExplainedField,
        ExplainedRecord,
        Explanation,
        FieldStanding,
        Hold,
        HoldKind,
        PlannedFor,
        WrittenValue,
    )
    from pdsync.model.findings import Finding, Place, Severity
    from pdsync.model.fixes import FixFile, MergeProposal, MissingOption, PairProposal, Proposal, Repair
    from pdsync.model.links import Candidate, Link, LinkState, Match, MergeBase, UndoneMark
    from pdsync.model.mapping import (
        AuditRule,
        Condition,
        ConflictPolicy,
        Consent,
        EmptyPolicy,
        Enrolment,
        Existing,
        FieldMapping,
        Limits,
        Mapping,
        OptionPair,
        OptionRules,
        Scope,
        UnknownOption,
        WhenLeft,
    )
    from pdsync.model.outlines import FieldOutline, Outline
    from pdsync.model.plans import (
        PLAN_FORMAT,
        Change,
        ChangeKind,
        Decision,
        FieldChange,
        Gate,
        GateState,
        Plan,
        PlanHeader,
        PlanTotals,
        Reason,
        SideTotals,
    )
    from pdsync.model.records import (
        Account,
        Capabilities,
        Coverage,
        Field,
        Option,
        Record,
        RemoteSchema,
        Subject,
    )
    from pdsync.model.runs import (
        Event,
        JournalEntry,
        Note,
        Outcome,
        Progress,
        RecordOutcome,
        RunKind,
        RunState,
        RunSummary,
        Waiting,
    )
    from pdsync.model.values import (
        MISSING,
        Direction,
        Kind,
        Missing,
        Side,
        Value,
        composed,
        has_value,
        is_empty,
    )

__all__ = [
    "MISSING",
    "PLAN_FORMAT",
    "Account",
    "Acknowledged",
    "AcknowledgedState",
    "Acknowledgement",
    "AuditDifferences",
    "AuditReport",
    "AuditRule",
    "AuditSummary",
    "BoundField",
    "BoundMapping",
    "Candidate",
    "Capabilities",
    "Change",
    "ChangeKind",
    "Condition",
    "ConflictPolicy",
    "Consent",
    "Coverage",
    "Decision",
    "Direction",
    "EmptyPolicy",
    "Enrolment",
    "Event",
    "Existing",
    "ExplainedField",
    "ExplainedRecord",
    "Explanation",
    "Field",
    "FieldChange",
    "FieldMapping",
    "FieldOutline",
    "FieldStanding",
    "Finding",
    "FindingsDifference",
    "FixFile",
    "Gate",
    "GateState",
    "Hold",
    "HoldKind",
    "JournalEntry",
    "Kind",
    "Limits",
    "Link",
    "LinkState",
    "Mapping",
    "Match",
    "MergeBase",
    "MergeProposal",
    "Missing",
    "MissingOption",
    "Note",
    "Option",
    "OptionPair",
    "OptionRules",
    "Outcome",
    "Outline",
    "PairProposal",
    "Place",
    "Plan",
    "PlanHeader",
    "PlanTotals",
    "PlannedFor",
    "Progress",
    "Proposal",
    "Reason",
    "Record",
    "RecordOutcome",
    "RemoteSchema",
    "Repair",
    "RunKind",
    "RunState",
    "RunSummary",
    "Scope",
    "Severity",
    "Side",
    "SideTotals",
    "Subject",
    "UndoneMark",
    "UnknownOption",
    "Value",
    "Waiting",
    "WhenLeft",
    "WrittenValue",
    "composed",
    "has_value",
    "is_empty",
]

_PLACES: Final = {
    "accepting": "Acknowledged AcknowledgedState Acknowledgement",
    "audits": "AuditDifferences AuditReport AuditSummary FindingsDifference",
    "binding": "BoundField BoundMapping",
    "explanations": (
        "ExplainedField ExplainedRecord Explanation FieldStanding Hold HoldKind PlannedFor WrittenValue"
    ),
    "findings": "Finding Place Severity",
    "fixes": "FixFile MergeProposal MissingOption PairProposal Proposal Repair",
    "links": "Candidate Link LinkState Match MergeBase UndoneMark",
    "mapping": (
        "AuditRule Condition ConflictPolicy Consent EmptyPolicy Enrolment Existing FieldMapping "
        "Limits Mapping OptionPair OptionRules Scope UnknownOption WhenLeft"
    ),
    "outlines": "FieldOutline Outline",
    "plans": (
        "PLAN_FORMAT Change ChangeKind Decision FieldChange Gate GateState Plan PlanHeader PlanTotals"
        " Reason SideTotals"
    ),
    "records": "Account Capabilities Coverage Field Option Record RemoteSchema Subject",
    "runs": "Event JournalEntry Note Outcome Progress RecordOutcome RunKind RunState RunSummary Waiting",
    "values": "MISSING Direction Kind Missing Side Value composed has_value is_empty",
}
"""Module -> the names in it."""

if not TYPE_CHECKING:  # a type checker sees the imports above, and what is not there

    def __getattr__(name: str) -> object:
        for module, names in _PLACES.items():
            if name in names.split():
                from importlib import import_module

                found = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
