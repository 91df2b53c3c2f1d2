"""The reader process: binds itself, loads its libraries, then does one job after the other until its owner goes away.

Started by `reading.worker` as `python -m reading.child`. It reads requests from standard input and answers on standard
output (`reading.wire`); both are taken away from everything else in the process first, so that no library can disturb them.
An answer is one frame with the outcome and one with the body: JSON, or the error's text. Texts never quote the document.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

from reading.confinement import allow_cpu, confine, die_with_owner, give_back_memory, leave, resident_bytes
from reading.limits import Limits
from reading.wire import receive, send
from schemas.errors import DocumentError, LimitExceededError, ReaderCrashedError, SettingsError


def main() -> None:
    """Serve until standard input closes."""
    requests, replies = _take_over_streams()
    setting = json.loads(receive(requests) or b"{}")
    folder = Path(setting.pop("folder"))
    die_with_owner(requests.fileno(), folder)
    limits = Limits(**setting)
    # pytesseract would load pandas (a second, 60 MB) for an output form that is not used here
    sys.modules["pandas"] = None  # type: ignore[assignment]
    from reading.operations import Context, perform

    confine(limits)

    def beat() -> None:
        allow_cpu(limits.cpu_seconds)
        send(replies, b"{}")

    context = Context(folder, limits, beat, rehearsal="--rehearsal" in sys.argv)
    send(replies, b"{}")
    while (request := receive(requests)) is not None:
        allow_cpu(limits.cpu_seconds)
        outcome, body = _answer(perform, json.loads(request), context)
        give_back_memory()
        send(replies, json.dumps(outcome | {"resident": resident_bytes()}).encode())
        send(replies, body)
    leave(folder)


def _take_over_streams() -> tuple[BinaryIO, BinaryIO]:
    """Private copies of standard input and output; the numbers 0 and 1 then lead to nowhere."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return requests, replies


def _answer(perform: Any, request: dict[str, Any], context: Any) -> tuple[dict[str, str], bytes]:
    """Do a job. This is the outermost edge: whatever a library throws at us over a stranger's file ends here."""
    try:
        return {"error": ""}, perform(request["operation"], request["arguments"], context)
    except (DocumentError, ReaderCrashedError) as error:
        return {"error": type(error).__name__, "reason": error.reason}, str(error).encode()
    except SettingsError as error:
        return {"error": "SettingsError"}, str(error).encode()
    except (MemoryError, RecursionError) as error:
        return {"error": LimitExceededError.__name__, "reason": "PARSER_LIMIT"}, type(error).__name__.encode()
    except Exception as error:  # noqa: BLE001
        text = f"unexpected {type(error).__name__} in {request['operation']}"
        return {"error": ReaderCrashedError.__name__, "reason": "PARSER_LIMIT"}, text.encode()


if __name__ == "__main__":
    main()
