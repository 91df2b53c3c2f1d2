"""Does this look like something that people wrote? Finds text layers that are garbage, by cheap letter statistics.

A font whose map to letters is wrong turns text into a cipher: the letters are fine, their neighbours are not. The most
frequent letter pairs of German and English make up well over half of real text in either language and hardly a quarter of
a cipher.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.reading import Word

FREQUENT = """
    en er ch te de nd ei ie in es ge st ne be re un ng se sc di it an is he ic le da si ht ha th on at ou ti or ar al nt to
    io of ed ve hi ro ri co me ra el ll ea as et ec om ur us ta la ma ck ns rt ze tz au eu um ab vo so ss lt li no mm nu rs
    ag ac ad am ca ce ct em ep ev fo ho id if il im iv ke ly mo na oc od ol oo op os ot ow pa pe pr sa sh su tr ty ul ut wa
    we wi rg rn rd gs ah hr ih ni zu fü ür ru uf nz kt ft tt br hl hn lu mb bu ku sp ka po pl fr gr gl sk
"""
PAIRS = frozenset(re.findall(r"\S\S", FREQUENT))
RUN = re.compile(r"[a-zß-ÿ]{3,}")  # other scripts are not judged
ENOUGH_PAIRS = 60  # below this many letter pairs nothing is judged
LEAST_COMMON = 0.5  # real pages: 0.61 and more; ciphers of them: 0.43 and less
MOST_MEANINGLESS = 0.15


def reads_like_text(words: Sequence[Word]) -> bool:
    """True when the letters follow each other as in German or English, or when there are too few to tell."""
    pairs = common = 0
    for word in words:
        for run in RUN.findall(word.text.lower()):
            pairs += len(run) - 1
            common += sum(run[i : i + 2] in PAIRS for i in range(len(run) - 1))
    return pairs < ENOUGH_PAIRS or common / pairs >= LEAST_COMMON


def mostly_meaningless(characters: int, meaningless: int) -> bool:
    """Whether too many characters are unmapped, private or control characters."""
    return meaningless > MOST_MEANINGLESS * max(1, characters + meaningless)
