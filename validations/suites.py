"""The audit of a lot or a delivered batch: Great Expectations over the frames of its documents and lines.

Great Expectations takes seconds to import, so it is imported by the first audit and nowhere else. It runs in memory: no
files, no analytics. What it found comes back as plain data that names document and line, never a value.
"""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Sequence
from typing import Any

import pandas as pd

from schemas.audit import AuditResult, ExpectationResult, Place
from schemas.clock import now
from schemas.document_type import DocumentType
from validations.expectations import Expected, of_documents, of_lines
from validations.frames import INDEX

_one_at_a_time = threading.Lock()  # Great Expectations keeps its project in a global


def audit_batch(
    frame: pd.DataFrame, lines: pd.DataFrame, document_type: DocumentType, today: dt.date | None = None
) -> AuditResult:
    """Audit the documents of one type in a lot or batch.

    `frame` and `lines` come from `validations.frames`; `today` (the client's date, UTC's if not given) bounds the
    dates. A frame without rows has nothing to break.
    """
    today = today or now().date()
    results = _run("documents", frame, of_documents(document_type, today))
    results += _run("lines", lines, of_lines(document_type, today))
    return AuditResult(
        document_type=document_type.name,
        engine=f"great_expectations {_great_expectations().__version__}",
        documents=len(frame),
        lines=len(lines),
        success=all(result.success for result in results),
        expectations=results,
    )


def _great_expectations() -> Any:
    """The library, imported when first needed and told to stay silent."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations

    return great_expectations


def _run(table: str, frame: pd.DataFrame, expected: Sequence[Expected]) -> list[ExpectationResult]:
    """Validate one frame against its expectations."""
    if frame.empty or not expected:
        return []
    gx = _great_expectations()
    suite = gx.ExpectationSuite(
        name=table, expectations=[getattr(gx.expectations, e.kind)(**e.arguments) for e in expected]
    )
    with _one_at_a_time:
        batch = _batch(gx, table, frame.reset_index())
        report = batch.validate(
            suite, result_format={"result_format": "COMPLETE", "unexpected_index_column_names": INDEX}
        )
    return [_result(table, result) for result in report.results]


def _batch(gx: Any, table: str, frame: pd.DataFrame) -> Any:
    """The frame as a batch of a project that lives in memory only."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("cleardesk").add_dataframe_asset(table)
    return asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame})


def _result(table: str, result: Any) -> ExpectationResult:
    """One of its results without the values that it quotes."""
    arguments = dict(result.expectation_config.kwargs)
    detail = result.result or {}
    failures = [Place(document=str(at["document"]), line=int(at["line"])) for at in _places(detail)]
    return ExpectationResult(
        table=table,
        name=result.expectation_config.type,
        columns=arguments.get("column_list") or [arguments["column"]],
        limits={name: str(arguments[name]) for name in ("min_value", "max_value", "regex") if name in arguments},
        success=bool(result.success),
        ran=not _raised(result.exception_info),
        checked=int(detail.get("element_count") or 0),
        unexpected=int(detail.get("unexpected_count") or 0),
        failures=failures,
    )


def _places(detail: dict[str, Any]) -> list[dict[str, Any]]:
    return detail.get("unexpected_index_list") or []


def _raised(info: dict[str, Any]) -> bool:
    """Whether the expectation could not be run; the info is one record, or one for each metric."""
    records = [info] if "raised_exception" in info else list(info.values())
    return any(record.get("raised_exception") for record in records)
