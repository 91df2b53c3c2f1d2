"""The tables. Every tenant's row carries `client_id`; states are text from `schemas.lifecycle`; ids are prefixed UUIDv7 text."""

from store.tables.arrivals import Batch, Receipt
from store.tables.base import Base, Leased, Tenant
from store.tables.books import Audit, ChainHead, Event, Reconciliation
from store.tables.clients import Client, ProcessDefinition
from store.tables.departures import Delivery, Shipment
from store.tables.documents import BusinessKey, Document, DocumentFinding, ExtractionRun, FieldValue, Page
from store.tables.learning import LearnedModel, SupplierMemory
from store.tables.operations import Alert, FlowMark, Pause
from store.tables.people import SignInAttempt, User, WebSession
from store.tables.reviews import Correction, Note, ReviewTask

__all__ = [
    "Alert",
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
    "Event",
    "ExtractionRun",
    "FieldValue",
    "FlowMark",
    "LearnedModel",
    "Leased",
    "Note",
    "Page",
    "Pause",
    "ProcessDefinition",
    "Receipt",
    "Reconciliation",
    "ReviewTask",
    "Shipment",
    "SignInAttempt",
    "SupplierMemory",
    "Tenant",
    "User",
    "WebSession",
]
