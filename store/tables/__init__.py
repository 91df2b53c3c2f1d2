"""The tables. Every tenant's row carries `client_id`; states are text from `schemas.lifecycle`; ids are prefixed UUIDv7 text."""

from store.tables.arrivals import Batch, Receipt
from store.tables.base import Base, Leased, Tenant
from store.tables.books import Audit, ChainHead, Event, Reconciliation
from store.tables.clients import Client, ProcessDefinition
from store.tables.departures import Delivery, Shipment
from store.tables.documents import BusinessKey, Document, DocumentFinding, ExtractionRun, FieldValue, Page
from store.tables.learning import LearnedModel, SupplierMemory
from store.tables.operations import Alert, FlowMark, Pause
from store.tables.people import ApiToken, SavedFilter, SignInAttempt, User, WebSession
from store.tables.reviews import Correction, Draft, Instruction, InstructionRead, Note, Question, ReviewTask

__all__ = [
    "Alert",
    "ApiToken",
    "Audit",
    "Base",
    "Batch",
    "BusinessKey",
    "ChainHead",
    "Client",
    "Correction",
    "Delivery",
    "Document",
    "DocumentFinding",
    "Draft",
    "Event",
    "ExtractionRun",
    "FieldValue",
    "FlowMark",
    "Instruction",
    "InstructionRead",
    "LearnedModel",
    "Leased",
    "Note",
    "Page",
    "Pause",
    "ProcessDefinition",
    "Question",
    "Receipt",
    "Reconciliation",
    "ReviewTask",
    "SavedFilter",
    "Shipment",
    "SignInAttempt",
    "SupplierMemory",
    "Tenant",
    "User",
    "WebSession",
]
