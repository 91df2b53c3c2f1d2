"""The tables. Every tenant's row carries `client_id`; states are text from `schemas.lifecycle`; ids are prefixed UUIDv7 text."""

from store.tables.arrivals import Batch, Receipt
from store.tables.assurance import Claim, Course, CourseRun, Evaluation, Report
from store.tables.base import Base, Leased, Tenant
from store.tables.books import Audit, ChainHead, Event, Reconciliation
from store.tables.clients import Client, ProcessDefinition
from store.tables.departures import Delivery, Shipment
from store.tables.documents import BusinessKey, Document, DocumentFinding, ExtractionRun, FieldValue, Page
from store.tables.learning import LearnedModel, SupplierMemory
from store.tables.operations import Alert, FlowMark, Pause
from store.tables.people import (
    ApiToken,
    RecoveryCode,
    SavedFilter,
    SignInAttempt,
    SignInStep,
    TokenUse,
    User,
    WebSession,
)
from store.tables.quality import Certificate, Key, Look, Lot, LotDocument, Sample, Seed
from store.tables.reviews import Correction, Draft, Instruction, InstructionRead, Note, Question, ReviewTask, Skip

__all__ = [
    "Alert",
    "ApiToken",
    "Audit",
    "Base",
    "Batch",
    "BusinessKey",
    "Certificate",
    "ChainHead",
    "Claim",
    "Client",
    "Correction",
    "Course",
    "CourseRun",
    "Delivery",
    "Document",
    "DocumentFinding",
    "Draft",
    "Evaluation",
    "Event",
    "ExtractionRun",
    "FieldValue",
    "FlowMark",
    "Instruction",
    "InstructionRead",
    "Key",
    "LearnedModel",
    "Leased",
    "Look",
    "Lot",
    "LotDocument",
    "Note",
    "Page",
    "Pause",
    "ProcessDefinition",
    "Question",
    "Receipt",
    "Reconciliation",
    "RecoveryCode",
    "Report",
    "ReviewTask",
    "Sample",
    "SavedFilter",
    "Seed",
    "Shipment",
    "SignInAttempt",
    "SignInStep",
    "Skip",
    "SupplierMemory",
    "Tenant",
    "TokenUse",
    "User",
    "WebSession",
]
