"""Certifying: blind random audits become thresholds with a proof, and go on watching whether the proof still holds.

A subject is one machine (model and reader) under one definition of a process: a promotion or a changed definition begins anew.
For each subject every field, all header fields together ("*") and the whole document have a certificate of their own. Automation
follows: `thresholds` is what `tasks.route` asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from schemas.clock import now
from schemas.document_type import document_types
from schemas.ids import new_id
from schemas.quality import ABSENT, CertificateState, SampleState, Stream
from schemas.values import ValueState
from store.certificates import (
    POOLED,
    WHOLE_DOCUMENT,
    Subject,
    audits_of,
    end_certificate,
    end_others,
    issue,
    recent_probabilities,
    revoke,
    standing,
    subjects,
)
from store.database import Session, system
from store.definitions import Definition, current_definitions
from store.tables import Certificate, Sample
from tasks.desk import Desk
from validations.audit.certificates import Audit, certify, delta_of_look, fewest_accepted
from validations.audit.forecast import audits_needed
from validations.audit.monitoring import ECusum

ACTOR = system("flow:audit")
GROWTH = 1.5  # a look costs part of the risk: the audits must have grown so much since the last one
FIRST_LOOK = (
    2.0  # times the flawless values that a proof needs at least; set by numbers alone, never by what audits found
)
NEVER = 2.0  # no probability reaches it: every value goes to a person


def certify_all(desk: Desk) -> int:
    """Watch what is certified and certify what can be. Returns how many certificates were issued or revoked."""
    with desk.store.read(ACTOR) as session:
        current = {definition.id: definition for definition in current_definitions(session)}
        known = [subject for subject in subjects(session) if subject.definition_id in current]
    changed = 0
    for subject in known:
        with desk.store.session(ACTOR) as session:
            changed += _certify(session, subject, current[subject.definition_id])
    return changed


def _certify(session: Session, subject: Subject, definition: Definition) -> int:
    groups = audits_by_group(session, subject)
    if not groups:
        return 0
    traffic = recent_probabilities(session, subject, fields_of(subject))
    now_standing = standing(session, subject)
    changed = 0
    for group, samples in groups.items():
        scores = scores_of(group, traffic)
        changed += _look(session, subject, definition, group, samples, scores, now_standing.get(group))
    if changed:
        end_others(session, subject)
    return changed


def audits_by_group(session: Session, subject: Subject) -> dict[str, list[Sample]]:
    """A subject's audits for each field, for all fields together and for the document, where there are any.

    Each group has one value of a document at most, chosen before anybody keyed it: values of a document are wrong together. A
    document of which every critical field is audited counts once for each of them; in the group of all fields only random ones
    count. What is disputed counts as wrong until a third person has decided: agreement decides at once, so the decided alone
    would look better than they are.
    """
    single = audits_of(session, subject, Stream.CERTIFICATE)
    whole = audits_of(session, subject, Stream.DOCUMENT)
    groups = _by_field(single, whole)
    groups[WHOLE_DOCUMENT] = _by_document(whole)
    return {group: samples for group, samples in groups.items() if samples}


def fields_of(subject: Subject) -> list[str]:
    """The header fields that documents of the subject's type can have."""
    kind = document_types().get(subject.document_type)
    return list(kind.fields) if kind else []


def _by_field(single: Sequence[Sample], whole: Sequence[Sample]) -> dict[str, list[Sample]]:
    """For each field and for all together; what the machine said is absent has groups of its own, as it errs differently."""
    groups: dict[str, list[Sample]] = {}
    asked = {(sample.document_id, sample.name) for sample in single}
    others = [sample for sample in whole if (sample.document_id, sample.name) not in asked]
    for sample in _in_order([*single, *others]):
        if sample.state != SampleState.OPEN:
            groups.setdefault(_group(sample.name, sample), []).append(sample)
    for sample in single:
        if sample.state != SampleState.OPEN:
            groups.setdefault(_group(POOLED, sample), []).append(sample)
    return groups


def _group(name: str, sample: Sample) -> str:
    return f"{name}{ABSENT}" if sample.value_state == ValueState.ABSENT else name


def _in_order(samples: Sequence[Sample]) -> list[Sample]:
    """Decided ones as they were decided, so that what came later stays behind; then the disputed ones."""
    decided = sorted((s for s in samples if s.decided_at), key=lambda s: (s.decided_at, s.id))
    return [*decided, *(s for s in samples if s.decided_at is None)]


def _by_document(samples: Sequence[Sample]) -> list[Sample]:
    """A document's audit: as probable as its least probable field, right when all are; none is left open."""
    by_document: dict[str, list[Sample]] = {}
    for sample in samples:
        by_document.setdefault(sample.document_id, []).append(sample)
    keyed = [own for own in by_document.values() if all(sample.state != SampleState.OPEN for sample in own)]
    return _in_order([_whole(own) for own in keyed])


def _whole(own: Sequence[Sample]) -> Sample:
    last = own[-1]  # one that is disputed, where there is one
    return Sample(
        id=last.id,
        document_id=last.document_id,
        state=last.state,
        probability=min((s.probability for s in own if s.value_state == ValueState.PRESENT), default=0.0),
        right=all(s.right for s in own),
        decided_at=last.decided_at,
        name=WHOLE_DOCUMENT,
        critical=True,
    )


def scores_of(group: str, traffic: Mapping[str, Mapping[str, float]]) -> list[float]:
    """Probabilities of recent traffic, which choose the candidate thresholds without any look at audits."""
    if group == WHOLE_DOCUMENT:
        present = ([p for name, p in each.items() if not name.endswith(ABSENT)] for each in traffic.values())
        return [min(each) for each in present if each]
    if group in (POOLED, POOLED + ABSENT):
        absent = group != POOLED
        return [p for fields in traffic.values() for name, p in fields.items() if name.endswith(ABSENT) == absent]
    return [fields[group] for fields in traffic.values() if group in fields]


def _look(
    session: Session,
    subject: Subject,
    definition: Definition,
    group: str,
    samples: Sequence[Sample],
    traffic: Sequence[float],
    known: Certificate | None,
) -> int:
    """One subject and group: watch a certified one, then look again where the audits have grown enough."""
    if known is not None and known.state == CertificateState.CERTIFIED and _drifted(session, known, samples):
        return 1
    fresh = _since_revocation(samples, known)
    looked_at = int(known.monitor.get("looked_at", 0)) if known else 0
    accuracy = definition.process.accuracy
    fewest = FIRST_LOOK * fewest_accepted(float(1 - accuracy.target), float(1 - accuracy.confidence))
    if not traffic or len(fresh) < (looked_at * GROWTH if looked_at else fewest):
        return _keep_provisional(session, subject, definition, group, fresh, traffic, known)
    look = int(known.monitor.get("looks", 0)) + 1 if known else 1
    new = _certificate(subject, definition, group, fresh, traffic, look)
    if known is not None and known.state == CertificateState.CERTIFIED and not _better(new, known):
        known.monitor = {**known.monitor, "looks": look, "looked_at": len(fresh)}
        return 0
    if known is not None and known.state == CertificateState.REVOKED and new.state != CertificateState.CERTIFIED:
        known.monitor = {**known.monitor, "looks": look, "looked_at": len(fresh)}
        return 0
    if known is not None:
        end_certificate(session, known, "certified anew" if new.state == CertificateState.CERTIFIED else "more audits")
    issue(session, new)
    return int(new.state == CertificateState.CERTIFIED)


def _since_revocation(samples: Sequence[Sample], known: Certificate | None) -> list[Sample]:
    """After a revocation only what was audited since counts."""
    if known is None or known.state != CertificateState.REVOKED:
        return list(samples)
    begin = known.monitor["revoked_after"]
    return list(samples[begin:])


def _better(new: Certificate, old: Certificate) -> bool:
    return new.state == CertificateState.CERTIFIED and (new.coverage or 0) > (old.coverage or 0)


def _certificate(
    subject: Subject,
    definition: Definition,
    group: str,
    samples: Sequence[Sample],
    traffic: Sequence[float],
    look: int,
) -> Certificate:
    accuracy = definition.process.accuracy
    target, delta = float(1 - accuracy.target), float(1 - accuracy.confidence)
    audits = [Audit(sample.probability, bool(sample.right)) for sample in samples]
    proof = certify(audits, traffic, target, delta_of_look(delta, look))
    certified = proof.threshold is not None
    return Certificate(
        id=new_id("crt"),
        **asdict(subject),
        group=group,
        state=CertificateState.CERTIFIED if certified else CertificateState.PROVISIONAL,
        target=target,
        delta=delta,
        threshold=proof.threshold,
        audits=len(audits),
        accepted=proof.accepted,
        wrong=proof.wrong,
        bound=proof.bound if certified else None,
        coverage=proof.coverage if certified else None,
        needed=None if certified else audits_needed(audits, traffic, target, delta).more,
        monitor={"looks": look, "looked_at": len(audits), "from": sum(s.decided_at is not None for s in samples)},
        issued_at=now(),
    )


def _keep_provisional(
    session: Session,
    subject: Subject,
    definition: Definition,
    group: str,
    samples: Sequence[Sample],
    traffic: Sequence[float],
    known: Certificate | None,
) -> int:
    """Too few audits for a look: the row says how many there are and how many are missing."""
    if known is None and traffic:
        accuracy = definition.process.accuracy
        issue(
            session,
            Certificate(
                id=new_id("crt"),
                **asdict(subject),
                group=group,
                state=CertificateState.PROVISIONAL,
                target=float(1 - accuracy.target),
                delta=float(1 - accuracy.confidence),
                audits=len(samples),
                accepted=0,
                wrong=0,
                monitor={},
                issued_at=now(),
            ),
        )
    if known is not None and known.state == CertificateState.PROVISIONAL and traffic and known.audits != len(samples):
        audits = [Audit(sample.probability, bool(sample.right)) for sample in samples]
        known.audits = len(samples)
        known.needed = audits_needed(audits, traffic, known.target, known.delta).more
    return 0


def _drifted(session: Session, known: Certificate, samples: Sequence[Sample]) -> bool:
    """Whether the audits since the certificate was issued speak against it; then it is revoked."""
    decided = [sample for sample in samples if sample.decided_at is not None]
    later = [s for s in decided[known.monitor["from"] :] if s.probability >= (known.threshold or NEVER)]
    watch = ECusum.start(known.target)
    for seen, sample in enumerate(later, start=1):
        watch = watch.update(not sample.right)
        if watch.alarm:
            good = later[watch.good_until - 1].decided_at if watch.good_until else None
            known.monitor = {**known.monitor, **asdict(watch), "revoked_after": len(decided), "alarm_at": seen}
            revoke(session, known, good_until=good or known.issued_at, reason=f"drift after {seen} audits")
            return True
    known.monitor = {**known.monitor, **asdict(watch)}
    return False


def thresholds(session: Session, subject: Subject) -> dict[str, float]:
    """Field -> least probability that is certified; "*" for every header field without one of its own; above 1: revoked.

    `iban:absent` and `*:absent` say the same of values that were not found.
    """
    found = {}
    for group, certificate in standing(session, subject).items():
        if certificate.state == CertificateState.CERTIFIED and certificate.threshold is not None:
            found[group] = certificate.threshold
        elif certificate.state == CertificateState.REVOKED:
            found[group] = NEVER
    return found
