"""Mending texts that a reader spoiled: towards what memory knows of the supplier, and word by word towards known words.

Both are cautious. A remembered value replaces a printed one only if few letters differ and most of those are confusions of the
eye; a word is replaced only by a known word that differs by confusable letters. Otherwise a branch's own address, or a sister
company's name, would be "corrected" away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extraction.learning.confusable import Lexicon, edits
from extraction.learning.spots import WORDED, Spot
from schemas.normalisation import fold

MOST_EDITED = 0.08  # share of a text's letters, and two letters in any case
PER_SUPPORT, MOST_SUPPORT = 0.03, 4  # more for each further document on which the remembered value was right
DOUBTED = 0.9  # confidence below which a word may have been misread; a word of letters and digits mixed always may
OTHER_EDITS = 1  # differences that are no confusion, and one more for every so many letters:
LETTERS_PER_EDIT = 40
REPAIR_COST = 0.3
_MIXED = re.compile(r"[^\W\d_]\d|\d[^\W\d_]")


def mend(ranked: Sequence[tuple[Spot, int]], lexicon: Lexicon) -> Iterator[tuple[Spot, int]]:
    """Spots (with whatever number stands beside them) in the same order, their texts mended where that is safe."""
    remembered = [spot for spot, _ in ranked if spot.how == "remembered"]
    known = {spot.key for spot in remembered}
    for spot, row in ranked:
        if spot.kind not in WORDED or spot.how != "printed" or spot.key in known:
            yield spot, row
        else:
            yield _as_remembered(spot, remembered) or _repaired(spot, lexicon), row


def _as_remembered(spot: Spot, remembered: Sequence[Spot]) -> Spot | None:
    """The remembered value that the spot is a misreading of."""
    for each in remembered:
        total, other = edits(spot.key, each.key)
        support = min(each.support, MOST_SUPPORT) - 1
        allowed = max(2, (MOST_EDITED + PER_SUPPORT * support) * len(each.key))
        if total <= allowed and other <= OTHER_EDITS + support + len(each.key) // LETTERS_PER_EDIT:
            return each._replace(
                tokens=spot.tokens, box=spot.box, raw=spot.raw, page=spot.page, likeness=1 - total / len(each.key)
            )
    return None


def _repaired(spot: Spot, lexicon: Lexicon) -> Spot:
    """The spot with its misread words put right; the spot itself where there are none."""
    words = [token.text for token in spot.tokens]
    mended = [
        _word(token.text, lexicon.repaired(fold(token.text)))
        if token.confidence < DOUBTED or _MIXED.search(token.text)
        else token.text
        for token in spot.tokens
    ]
    mended = _in_pairs(mended, lexicon)
    if mended == words:
        return spot
    text = " ".join(mended).strip(" ,;:|·•-*")
    return spot._replace(text=text, key=fold(text), how="repaired", cost=spot.cost + REPAIR_COST)


def _in_pairs(words: Sequence[str], lexicon: Lexicon) -> list[str]:
    """The words, each put right where it is known beside its neighbour: `Sdn` before `Bhd`, however surely `Son` was read."""
    keys = ["", *(fold(word) for word in words), ""]
    return [
        _word(word, lexicon.beside(before, key, after))
        for word, before, key, after in zip(words, keys, keys[1:], keys[2:], strict=False)
    ]


def _word(word: str, better: str) -> str:
    """A word put right letter by letter, so that its case and its marks stay; `better` is folded."""
    key = fold(word)
    if better == key or len(key) != sum(each.isalnum() for each in word):
        return word
    letters = iter(better)
    upper = sum(each.isupper() for each in word) * 2 > sum(each.isalpha() for each in word)
    return "".join((_cased(next(letters), upper) if each.isalnum() else each) for each in word)


def _cased(letter: str, upper: bool) -> str:
    return letter.upper() if upper else letter
