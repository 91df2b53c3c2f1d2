"""Every error that Cleardesk raises, as one small tree.

Ask whose problem it is::

    CleardeskError
      x DocumentError            the document's problem: it gets an outcome with a reason, never a retry
        + UnreadableError          D101
        + NeedsPasswordError       D102
        + LimitExceededError       D103
        + UnsafeArchiveError       D104
        + UnsupportedTypeError     D105
      x TransientError           the world's problem: tried again later
        + ReaderCrashedError       T201
        + StoreUnavailableError    T202
        + DeliveryUnavailableError T203
        + PeerUnavailableError     T204   a server that we ask, such as the single sign-on
      x ConfigurationError       our set-up's problem: stops before any document is touched
        + DefinitionError          C301   names the file, the line and the mend
        + SettingsError            C302
        + MigrationNeededError     C303
        + DamagedModelError        C304
        + OutboundRefusedError     C305   a connection that no setting permits
        + WeakPasswordError        C306
      x ConflictError            two people or processes, one thing
        + LeaseLostError           L401
        + IllegalTransitionError   L402
        + FourEyesError            L403
        + NotReadyError            L404   what is asked for is not there yet
      x AccessDeniedError        A501   the signed-in person may not do this
        + SignInNeededError        A502
        + ForeignRequestError      A503   not sent by our own page
        + TooManyAttemptsError     A504
        + NotFoundError            A505   not there, or somebody else's
        + PasswordChangeError      A506   the password was made by somebody else and is changed first
        + TooManyRequestsError     A507   more requests a minute than one token may send
        + SecondFactorError        A508   a second factor is set up first
        + SignInRefusedError       A509   the single sign-on's answer does not hold, or gives no role here

Missing or doubtful values are findings, not exceptions.
"""

from __future__ import annotations


class CleardeskError(Exception):
    """Base of the tree. `code` is stable; `remedy` says what to do next."""

    code = "X000"
    remedy = "Report this with the request id."


class DocumentError(CleardeskError):
    """The bytes are the problem; `reason` is the reason code the sender is told (see `schemas.reasons`)."""

    code = "D100"
    remedy = "Look at the document; ask the sender for a new copy."
    reason = "UNREADABLE"

    def __init__(self, message: str = "", *, reason: str | None = None) -> None:
        super().__init__(message or self.__doc__ or "")
        if reason is not None:
            self.reason = reason


class UnreadableError(DocumentError):
    """The file is damaged beyond repair."""

    code = "D101"
    reason = "UNREADABLE"
    remedy = "Ask the sender for an undamaged copy."


class NeedsPasswordError(DocumentError):
    """The file opens only with a password."""

    code = "D102"
    reason = "NEEDS_PASSWORD"
    remedy = "Ask the sender for an open copy or the password."


class LimitExceededError(DocumentError):
    """Reading the file would cost more memory, time or disk than the limits allow."""

    code = "D103"
    reason = "PARSER_LIMIT"
    remedy = "Open it only on an isolated machine; ask the sender to split or re-save it."


class UnsafeArchiveError(DocumentError):
    """The archive is a bomb, or wants to write outside its folder."""

    code = "D104"
    reason = "ARCHIVE_UNSAFE_PATH"
    remedy = "Do not open it; tell the sender."


class UnsupportedTypeError(DocumentError):
    """Cleardesk does not read this kind of file."""

    code = "D105"
    reason = "UNSUPPORTED_TYPE"
    remedy = "Ask for PDF, TIFF, PNG, JPEG or ZIP."


class TransientError(CleardeskError):
    """Something outside failed; trying again later may succeed."""

    code = "T200"
    remedy = "Nothing: it is tried again by itself. Look at the alerts if it repeats."


class ReaderCrashedError(TransientError):
    """A reader process died or overran its limits."""

    code = "T201"

    def __init__(self, message: str, *, reason: str = "PARSER_LIMIT") -> None:
        super().__init__(message)
        self.reason = reason


class StoreUnavailableError(TransientError):
    """The database or the blob store did not answer."""

    code = "T202"


class DeliveryUnavailableError(TransientError):
    """The client's target did not take the delivery."""

    code = "T203"


class PeerUnavailableError(TransientError):
    """A server that we ask gave no answer, or one that cannot be used."""

    code = "T204"
    remedy = "Try again; if it stays away, look at that server and at the network between."


class ConfigurationError(CleardeskError):
    """Our own set-up is wrong; nothing was touched."""

    code = "C300"
    remedy = "Mend the set-up and start again."


class DefinitionError(ConfigurationError):
    """A client, process or document type definition is wrong."""

    code = "C301"
    remedy = "Mend the named line of the named file; nothing runs until then."

    def __init__(self, message: str, *, file: str = "", line: int | None = None, mend: str = "") -> None:
        place = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        super().__init__(f"{place}{message}" + (f" ({mend})" if mend else ""))
        self.file, self.line, self.mend = file, line, mend


class SettingsError(ConfigurationError):
    """A setting has a value that cannot work."""

    code = "C302"
    remedy = "See docs/reference/settings.md."


class MigrationNeededError(ConfigurationError):
    """The database has another schema version than this program."""

    code = "C303"
    remedy = "Run `cleardesk migrate`."


class DamagedModelError(ConfigurationError):
    """A learned model's files are not those that were promoted, or are gone."""

    code = "C304"
    remedy = "Go back to another model (`cleardesk learn --rollback`), find out who wrote there, try the failed documents again."


class OutboundRefusedError(ConfigurationError):
    """A connection to the outside that no setting permits, or an answer that is none: a redirect, or too long."""

    code = "C305"
    remedy = (
        "If it is meant, name the host in CLEARDESK_OUTBOUND_HOSTS, a private network in CLEARDESK_OUTBOUND_NETWORKS."
    )


class WeakPasswordError(ConfigurationError):
    """A password that is no protection; `why` is short, long, guessable, breached or old."""

    code = "C306"
    remedy = "Choose a longer one that nobody would guess, such as four words that have nothing to do with each other."

    def __init__(self, why: str) -> None:
        super().__init__(f"the password is not taken: {why}")
        self.why = why


class ConflictError(CleardeskError):
    """Somebody else was faster, or the thing has moved on."""

    code = "L400"
    remedy = "Load it again."


class LeaseLostError(ConflictError):
    """The lease on this work ran out and another worker or person has it."""

    code = "L401"
    remedy = "Your text is offered back; take the next one."


class IllegalTransitionError(ConflictError):
    """The lifecycle table does not allow this change of state."""

    code = "L402"


class FourEyesError(ConflictError):
    """This step must be done by a different person."""

    code = "L403"
    remedy = "Ask a colleague."


class NotReadyError(ConflictError):
    """What is asked for will be there when the document is ready."""

    code = "L404"
    remedy = "Ask again later, or look at the document's state."


class AccessDeniedError(CleardeskError):
    """The signed-in person may not do this."""

    code = "A501"
    remedy = "Ask an administrator for the role."


class SignInNeededError(AccessDeniedError):
    """Nobody is signed in, or the session has ended."""

    code = "A502"
    remedy = "Sign in."


class ForeignRequestError(AccessDeniedError):
    """The request did not come from our own page: its origin or its token is wrong."""

    code = "A503"
    remedy = "Load the page again and repeat the step."


class TooManyAttemptsError(AccessDeniedError):
    """Too many failed sign-ins; `wait` is the number of seconds until the next one is looked at."""

    code = "A504"
    remedy = "Wait, then try again."

    def __init__(self, wait: int) -> None:
        super().__init__(f"wait {wait} s")
        self.wait = wait


class NotFoundError(AccessDeniedError):
    """What is asked for is not there, or belongs to a client whose documents this person may not see."""

    code = "A505"
    remedy = "Check the address; ask a lead if you should see it."


class PasswordChangeError(AccessDeniedError):
    """The password was made by somebody else: nothing is shown before its person has chosen another."""

    code = "A506"
    remedy = "Choose your own password on the page of your account."


class TooManyRequestsError(TooManyAttemptsError):
    """One token sends more requests a minute than it may; `wait` is the number of seconds until the next one is taken."""

    code = "A507"
    remedy = "Wait as long as `Retry-After` says; ask for many things in one list."


class SecondFactorError(AccessDeniedError):
    """This person's role asks for a second factor: nothing is shown before it is set up."""

    code = "A508"
    remedy = "Set up the second factor on the page of your account."


class SignInRefusedError(AccessDeniedError):
    """What came back from the single sign-on does not hold, or gives its person no role here."""

    code = "A509"
    remedy = "Begin again at the sign-in page; if it is refused again, ask an administrator which groups let people in."
