"""What lumen drops: travel receipts, German and English, as PDF, scanned and photographed."""

from __future__ import annotations

import datetime as dt

from sample_data.generator import faults, scanning
from sample_data.generator.desk import DOUBTFUL, Desk, Tray, paid
from sample_data.generator.receipts import merchants

DAY = dt.date(2026, 10, 1)
MAILED = ["kaiserpark", "hafenblick", "queensgate", "cityhopper", "alpenbahn", "workloft"]
SCANNED = [
    ("goldeneranker", scanning.CLEAN),
    ("nordring", scanning.SKEWED),
    ("hafenblick", scanning.CLEAN),
    ("stationers", scanning.JPEG),
    ("taxi4u", scanning.HEADLONG),
    ("queensgate", scanning.LOW),
]
CAFES_AND_SHOPS = ["goldeneranker", "osteria", "baeckerei", "buero", "copperkettle", "stationers"]
PHOTOGRAPHED = [*CAFES_AND_SHOPS, "taxi4u", "hansataxi", "nordring", "parkhaus"]
ORIENTATIONS = (1, 6, 1, 8, 1, 3, 1)
EFFORTS = (0.4, 1.0, 0.7, 2.0, 1.3, 0.2)


def fill(desk: Desk) -> None:
    """Lay out the inbox of lumen."""
    tray = desk.tray("lumen", "expense-receipts")
    known = merchants(desk.seed)
    for at, key in enumerate(MAILED * 2):
        day = DAY + dt.timedelta(days=2 * at)
        tray.pay(f"{key}_{at // len(MAILED) + 1}.pdf", known[key], day, shows="a receipt sent as PDF")
    for at, (key, how) in enumerate(SCANNED):
        ending = {"jpeg": "jpg"}.get(how.form, how.form)
        day = DAY + dt.timedelta(days=3 * at + 1)
        tray.scan_receipt(f"Beleg_{at + 1:03}.{ending}", known[key], day, how, fate=DOUBTFUL)
    for at, key in enumerate(PHOTOGRAPHED * 2):
        day = DAY + dt.timedelta(days=at)
        name = f"IMG_{day:%Y%m%d}_{1207 + 31 * at}.jpg"
        effort, orientation = EFFORTS[at % len(EFFORTS)], ORIENTATIONS[at % len(ORIENTATIONS)]
        tray.photograph(name, known[key], day, effort=effort, orientation=orientation)
    _duplicate(tray)


def _duplicate(tray: Tray) -> None:
    """The same PDF under two names; this process drops the second without asking."""
    ride = merchants(tray.desk.seed)["cityhopper"]
    day, name = DAY + dt.timedelta(days=29), "cityhopper_3.pdf"
    content = tray.pay(name, ride, day, shows="dropped twice, this is the first")
    _, paper = paid(ride, day, tray.rng(name))
    fate = faults.SAME_BYTES_SUPPRESSED
    tray.drop("download(1).pdf", content, made="copy", shows=f"the same bytes as {name}", fate=fate, paper=paper)
