"""Looking: whoever sees values of a document is noted down first, and who was given it to key blind sees none of it."""

from __future__ import annotations

from collections.abc import Collection

from schemas.errors import FourEyesError
from store.blind_claims import given_blind_of, works_blind_for, works_blind_on
from store.database import Scope
from store.looks import not_looked_at, note_looks
from tasks.desk import Desk


def look_at(desk: Desk, scope: Scope, *document_ids: str) -> None:
    """Called before values are shown: from now on the person is given no blind work on these documents.

    Raises:
        FourEyesError: they have blind work on one of them.
    """
    refuse_while_blind(desk, scope, *document_ids)
    note_shown(desk, scope, document_ids)


def refuse_while_blind(desk: Desk, scope: Scope, *document_ids: str) -> None:
    """For what tells values without being one. Raises FourEyesError: the person has blind work on one of these documents."""
    with desk.store.read(scope) as session:
        if works_blind_on(session, scope.actor, document_ids):
            raise FourEyesError(f"{scope.actor} keys one of {len(document_ids)} documents blind now")


def refuse_while_blind_for(desk: Desk, scope: Scope, client_id: str) -> None:
    """For what is known of a client's suppliers: it is on their documents too. Raises FourEyesError."""
    with desk.store.read(scope) as session:
        if works_blind_for(session, scope.actor, client_id):
            raise FourEyesError(f"{scope.actor} keys a document of {client_id} blind now")


def closed_to(desk: Desk, scope: Scope, document_ids: Collection[str]) -> frozenset[str]:
    """Those of the documents on which the person has blind work."""
    with desk.store.read(scope) as session:
        return frozenset(given_blind_of(session, scope.actor, document_ids))


def unseen_of(desk: Desk, scope: Scope, document_ids: Collection[str]) -> frozenset[str]:
    """Those of the documents of which the person has seen no value yet."""
    if not document_ids:
        return frozenset()
    with desk.store.read(scope) as session:
        return frozenset(not_looked_at(session, scope.actor, document_ids))


def note_shown(desk: Desk, scope: Scope, document_ids: Collection[str]) -> None:
    """Note down whose values the person sees, in lists that leave out what they key blind. Most of it is known already."""
    fresh = unseen_of(desk, scope, document_ids)
    if fresh:
        with desk.store.session(scope) as session:
            note_looks(session, scope.actor, fresh)
