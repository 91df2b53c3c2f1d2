"""A document type as one process uses it: its fields narrowed by the process's field settings."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.document_type import DocumentType, FieldDefinition, TableDefinition, document_types
from schemas.process import FieldSetting, Process


def narrowed(document_type: DocumentType, settings: Mapping[str, FieldSetting]) -> DocumentType:
    """The type without ignored fields and with the process's required, critical and double-key marks.

    Settings name header fields (`iban`) or a table's columns (`line_items.unit`); names that the type does not have
    are passed over, as a process may have several types.
    """
    if not settings:
        return document_type
    return document_type.model_copy(
        update={
            "fields": _narrowed_fields(document_type.fields, settings),
            "tables": {name: _narrowed_table(name, table, settings) for name, table in document_type.tables.items()},
        }
    )


def _narrowed_table(name: str, table: TableDefinition, settings: Mapping[str, FieldSetting]) -> TableDefinition:
    prefix = f"{name}."
    own = {key.removeprefix(prefix): setting for key, setting in settings.items() if key.startswith(prefix)}
    return table.model_copy(update={"columns": _narrowed_fields(table.columns, own)}) if own else table


def _narrowed_fields(
    fields: Mapping[str, FieldDefinition], settings: Mapping[str, FieldSetting]
) -> dict[str, FieldDefinition]:
    return {
        name: _narrowed_field(field, settings[name]) if name in settings else field
        for name, field in fields.items()
        if name not in settings or not settings[name].ignore
    }


def _narrowed_field(field: FieldDefinition, setting: FieldSetting) -> FieldDefinition:
    marks = setting.model_dump(include={"required", "critical"}, exclude_none=True)
    return field.model_copy(update=marks)


def type_in_process(process: Process, name: str) -> DocumentType | None:
    """A document type as this process uses it; None where it is none of the process's types."""
    return narrowed(document_types()[name], process.fields) if name in process.document_types else None
