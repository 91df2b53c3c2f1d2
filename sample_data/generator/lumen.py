"""What lumen drops: travel receipts, German and English."""

from __future__ import annotations

import datetime as dt

from sample_data.generator.desk import Desk, Tray
from sample_data.generator.receipts import merchants

DAY = dt.date(2026, 10, 1)


def fill(desk: Desk) -> None:
    """Lay out the inbox of lumen."""
    tray = desk.tray("lumen", "expense-receipts")
    _digital(tray)


def _digital(tray: Tray) -> None:
    """What hotels, railways and ride services send as PDF."""
    for at, key in enumerate(["kaiserpark", "hafenblick", "queensgate", "cityhopper", "alpenbahn", "workloft"] * 2):
        merchant = merchants(tray.desk.seed)[key]
        tray.pay(f"{key}_{at // 6 + 1}.pdf", merchant, DAY + dt.timedelta(days=2 * at), shows="a receipt sent as PDF")
