"""What a station sells to an advertiser: known for what it is under any title, and its advertiser found beside its label."""

from __future__ import annotations

import pytest

from extraction.extract import classify, extract
from schemas.values import Extraction
from tests.extraction.paper import Line, reading_of


def station_paper(title: str, advertiser: str) -> list[Line]:
    return [
        [(60, "WXYZ-TV"), (360, "Contract #"), (460, "1344601")],
        [(60, "Main Street 5"), (360, "Flight Dates"), (460, "02/07/20 - 02/13/20")],
        [(60, title)],
        [(60, "Advertiser"), (160, advertiser), (360, "Agency Commission"), (460, "$150.00")],
        [(60, "Agency"), (160, "Waterfront Media"), (360, "Gross Total"), (460, "$1,000.00")],
        [(60, "The advertiser pays for all spots that were aired in the flight dates above, as agreed by the agency.")],
    ]


def extracted(advertiser: str) -> Extraction:
    paper = reading_of(station_paper("CONTRACT", advertiser))
    return extract(paper, types=["ad_buy"], languages=["en"], country="US", master=None)


@pytest.mark.parametrize("title", ["INVOICE", "ORDER", "CONTRACT"])
def test_it_is_an_ad_buy_whatever_its_title(title: str) -> None:
    assert classify(reading_of(station_paper(title, "Ann Lee")), ["ad_buy"], ["en"]).document_type == "ad_buy"


def test_an_invoice_without_flights_is_none() -> None:
    paper = reading_of([[(60, "INVOICE")], [(60, "Invoice number: 12")], [(60, "Total"), (460, "$100.00")]])
    assert classify(paper, ["ad_buy"], ["en"]).document_type == "other"


@pytest.mark.parametrize("name", ["Friends of Ann Lee", "Ann Lee 2020 Inc", "POL/Ann Lee/D/US"])
def test_the_advertiser_stands_beside_its_label(name: str) -> None:
    value = extracted(name).get("advertiser")
    assert value and value.text == name


def test_a_number_behind_the_name_is_offered_with_and_without() -> None:
    found = extracted("Friends of Ann Lee (33871)")
    offered = {each.text for each in found.candidates if each.field == "advertiser"}
    assert {"Friends of Ann Lee", "Friends of Ann Lee (33871)"} <= offered
