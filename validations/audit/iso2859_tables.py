"""The tables of sampling by attributes as data: MIL-STD-105E (1989), tables I and II-A to II-C, single sampling.

ISO 2859-1 and ANSI/ASQ Z1.4 have the same code letters and the same normal and tightened plans; the reduced plans are those of
MIL-STD-105E and ANSI/ASQ Z1.4, with their gap between acceptance and rejection number (ISO closed it in 1999). Columns are the
levels of items wrong per 100: those above 10 count defects, not items, and are left out. In a cell: the acceptance number (the
rejection number is one more), or both; `v` and `^` mean the first plan below or above, sample size and all.
"""

from __future__ import annotations

LEVELS = ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")

CODE_LETTERS = """
     8 A A A A A A B
    15 A A A A A B C
    25 A A B B B C D
    50 A B B C C D E
    90 B B C C C E F
   150 B B C D D F G
   280 B C D E E G H
   500 B C D E F H J
  1200 C C E F G J K
  3200 C D E G H K L
 10000 C D F G J L M
 35000 C D F H K M N
150000 D E G J L N P
500000 D E G J M P Q
     - D E H K N Q R
"""
"""A row: the largest lot (`-`: any), then the letter for each of LEVELS."""

AQLS = (0.010, 0.015, 0.025, 0.040, 0.065, 0.10, 0.15, 0.25, 0.40, 0.65, 1.0, 1.5, 2.5, 4.0, 6.5, 10.0)
"""The acceptable quality levels, in percent of items wrong."""

NORMAL = """
A    2     v     v     v     v     v     v     v     v     v     v     v     v     v     v     0     v
B    3     v     v     v     v     v     v     v     v     v     v     v     v     v     0     ^     v
C    5     v     v     v     v     v     v     v     v     v     v     v     v     0     ^     v     1
D    8     v     v     v     v     v     v     v     v     v     v     v     0     ^     v     1     2
E   13     v     v     v     v     v     v     v     v     v     v     0     ^     v     1     2     3
F   20     v     v     v     v     v     v     v     v     v     0     ^     v     1     2     3     5
G   32     v     v     v     v     v     v     v     v     0     ^     v     1     2     3     5     7
H   50     v     v     v     v     v     v     v     0     ^     v     1     2     3     5     7    10
J   80     v     v     v     v     v     v     0     ^     v     1     2     3     5     7    10    14
K  125     v     v     v     v     v     0     ^     v     1     2     3     5     7    10    14    21
L  200     v     v     v     v     0     ^     v     1     2     3     5     7    10    14    21     ^
M  315     v     v     v     0     ^     v     1     2     3     5     7    10    14    21     ^     ^
N  500     v     v     0     ^     v     1     2     3     5     7    10    14    21     ^     ^     ^
P  800     v     0     ^     v     1     2     3     5     7    10    14    21     ^     ^     ^     ^
Q 1250     0     ^     v     1     2     3     5     7    10    14    21     ^     ^     ^     ^     ^
R 2000     ^     ^     1     2     3     5     7    10    14    21     ^     ^     ^     ^     ^     ^
"""

TIGHTENED = """
A    2     v     v     v     v     v     v     v     v     v     v     v     v     v     v     v     v
B    3     v     v     v     v     v     v     v     v     v     v     v     v     v     v     0     v
C    5     v     v     v     v     v     v     v     v     v     v     v     v     v     0     v     v
D    8     v     v     v     v     v     v     v     v     v     v     v     v     0     v     v     1
E   13     v     v     v     v     v     v     v     v     v     v     v     0     v     v     1     2
F   20     v     v     v     v     v     v     v     v     v     v     0     v     v     1     2     3
G   32     v     v     v     v     v     v     v     v     v     0     v     v     1     2     3     5
H   50     v     v     v     v     v     v     v     v     0     v     v     1     2     3     5     8
J   80     v     v     v     v     v     v     v     0     v     v     1     2     3     5     8    12
K  125     v     v     v     v     v     v     0     v     v     1     2     3     5     8    12    18
L  200     v     v     v     v     v     0     v     v     1     2     3     5     8    12    18     ^
M  315     v     v     v     v     0     v     v     1     2     3     5     8    12    18     ^     ^
N  500     v     v     v     0     v     v     1     2     3     5     8    12    18     ^     ^     ^
P  800     v     v     0     v     v     1     2     3     5     8    12    18     ^     ^     ^     ^
Q 1250     v     0     v     v     1     2     3     5     8    12    18     ^     ^     ^     ^     ^
R 2000     0     ^     v     1     2     3     5     8    12    18     ^     ^     ^     ^     ^     ^
S 3150     ^     ^     1     ^     ^     ^     ^     ^     ^     ^     ^     ^     ^     ^     ^     ^
"""

REDUCED = """
A    2     v     v     v     v     v     v     v     v     v     v     v     v     v     v   0/1     v
B    2     v     v     v     v     v     v     v     v     v     v     v     v     v   0/1     ^     v
C    2     v     v     v     v     v     v     v     v     v     v     v     v   0/1     ^     v   0/2
D    3     v     v     v     v     v     v     v     v     v     v     v   0/1     ^     v   0/2   1/3
E    5     v     v     v     v     v     v     v     v     v     v   0/1     ^     v   0/2   1/3   1/4
F    8     v     v     v     v     v     v     v     v     v   0/1     ^     v   0/2   1/3   1/4   2/5
G   13     v     v     v     v     v     v     v     v   0/1     ^     v   0/2   1/3   1/4   2/5   3/6
H   20     v     v     v     v     v     v     v   0/1     ^     v   0/2   1/3   1/4   2/5   3/6   5/8
J   32     v     v     v     v     v     v   0/1     ^     v   0/2   1/3   1/4   2/5   3/6   5/8  7/10
K   50     v     v     v     v     v   0/1     ^     v   0/2   1/3   1/4   2/5   3/6   5/8  7/10 10/13
L   80     v     v     v     v   0/1     ^     v   0/2   1/3   1/4   2/5   3/6   5/8  7/10 10/13     ^
M  125     v     v     v   0/1     ^     v   0/2   1/3   1/4   2/5   3/6   5/8  7/10 10/13     ^     ^
N  200     v     v   0/1     ^     v   0/2   1/3   1/4   2/5   3/6   5/8  7/10 10/13     ^     ^     ^
P  315     v   0/1     ^     v   0/2   1/3   1/4   2/5   3/6   5/8  7/10 10/13     ^     ^     ^     ^
Q  500   0/1     ^     v   0/2   1/3   1/4   2/5   3/6   5/8  7/10 10/13     ^     ^     ^     ^     ^
R  800     ^     ^   0/2   1/3   1/4   2/5   3/6   5/8  7/10 10/13     ^     ^     ^     ^     ^     ^
"""
