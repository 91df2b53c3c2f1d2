"""Why a field has its value: the options, the features that decided, the memory used, and what made it sure or doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extraction.classify import classify
from extraction.learning.chosen import Chosen, chosen
from extraction.learning.model import Model
from extraction.learning.predict import as_candidate, right_rows
from extraction.learning.prior import prior_scorer
from extraction.learning.survey import Survey, survey
from extraction.master_data import MasterData
from schemas.document_type import document_types
from schemas.learning import Explanation, RememberedSupplier, ScoredCandidate
from schemas.reading import Reading, SecondLook
from schemas.values import Candidate, Value

MOST_OPTIONS = 5


def explain(
    reading: Reading,
    field: str,
    *,
    types: Sequence[str],
    languages: Sequence[str],
    country: str,
    master: MasterData | None,
    recipients: Sequence[str] = (),
    models: Mapping[str, Model] | None = None,
    suppliers: Sequence[RememberedSupplier] = (),
    looks: Mapping[str, SecondLook] | None = None,
) -> Explanation | None:
    """Decide again and tell how; None where the document is of no type with such a field. Arguments as for `extract`."""
    kind = classify(reading, types, languages)
    definition = document_types().get(kind.document_type)
    if definition is None or field not in definition.fields:
        return None
    seen = survey(reading, definition, languages=languages, country=country, master=master, recipients=recipients)
    known = [each for each in suppliers if each.document_type == definition.name]
    model = (models or {}).get(definition.name)
    decided = chosen(seen, model, known, seen.by_rules, looks or {})
    if field in decided.fields:
        return _learned(seen, field, decided, model, looks or {})
    return _by_rules(field, seen.rules, seen.by_rules)


def _learned(
    seen: Survey, field: str, decided: Chosen, model: Model | None, looks: Mapping[str, SecondLook]
) -> Explanation:
    choice = decided.choices[field]
    scorer = model.fields[field].scorer if model else prior_scorer(seen.evidence.definition.fields[field].type)
    ranked = [choice.chosen, *(each for each in choice.ranked if each is not choice.chosen)]
    value = next((each for each in decided.values if each.name == field), None)
    doubts: list[tuple[str, float]] = []
    if model is not None:
        rows = right_rows(seen, {field: choice}, decided.recalls, model.words, sorted(model.fields), looks)
        doubts = model.rightness.reasons(rows[field])
    supplier = decided.recalls[0].supplier if decided.recalls else None
    return Explanation(
        field=field,
        chosen=value.text if value else "",
        probability=value.probability if value else 0.0,
        extractor=model.card.name if model else "memory",
        candidates=[
            ScoredCandidate(candidate=as_candidate(field, each), reasons=scorer.reasons(choice.table.matrix[each.row]))
            for each in ranked[:MOST_OPTIONS]
            if each.spot is not None
        ],
        doubts=doubts,
        supplier=supplier.name or supplier.key if supplier else "",
        memory=supplier.fields.get(field) if supplier else None,
    )


def _by_rules(field: str, found: Sequence[Candidate], values: Sequence[Value]) -> Explanation:
    value = next((each for each in values if each.name == field), None)
    own = [each for each in found if each.field == field][:MOST_OPTIONS]
    return Explanation(
        field=field,
        chosen=value.text if value else "",
        probability=value.probability if value else 0.0,
        extractor="rules",
        candidates=[ScoredCandidate(candidate=each, reasons=[]) for each in own],
    )
