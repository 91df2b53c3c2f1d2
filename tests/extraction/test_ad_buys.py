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
    return extracted_from(station_paper("CONTRACT", advertiser))


def extracted_from(lines: list[Line]) -> Extraction:
    return extract(reading_of(lines), types=["ad_buy"], languages=["en"], country="US", master=None)


def text_of(lines: list[Line], field: str) -> str | None:
    value = extracted_from(lines).get(field)
    return value.text if value else None


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


@pytest.mark.parametrize("printed", ["02/07/20 - 02/13/20", "02/07/20-02/13/20", "Feb 7, 2020 to Feb 13, 2020"])
def test_one_label_stands_for_both_ends_of_the_flight(printed: str) -> None:
    beside = station_paper("CONTRACT", "Ann Lee")
    beside[1] = [(60, "Main Street 5"), (360, "Flight Dates"), (460, printed)]
    under = [*beside[:1], [(60, "Main Street 5"), (360, "Contract Dates")], [(360, printed)], *beside[2:]]
    for lines in (beside, under):
        assert (text_of(lines, "flight_from"), text_of(lines, "flight_to")) == ("2020-02-07", "2020-02-13")


def test_the_sum_under_a_column_stands_for_what_is_above_it() -> None:
    months: list[Line] = [
        [(60, "Time Period"), (360, "Gross Amount"), (460, "Net Amount")],
        [(60, "January"), (360, "$600.00"), (460, "$510.00")],
        [(60, "February"), (360, "$300.00"), (460, "$255.00")],
        [(60, "Totals"), (360, "$900.00"), (460, "$765.00")],
    ]
    head = [line for line in station_paper("CONTRACT", "Ann Lee") if not any("Gross" in text for _, text in line)]
    assert text_of([*head, *months], "gross_amount") == "900.00"


def test_of_several_numbers_behind_a_label_money_is_the_total() -> None:
    lines = station_paper("ORDER", "Ann Lee")[:3]
    lines.append([(60, "Total 22 spots for:"), (236, "$6,680"), (437, "22"), (633, "0.0")])
    assert text_of(lines, "gross_amount") == "6680.00"


def test_a_net_total_stands_for_the_gross_where_no_other_is_printed() -> None:
    net: Line = [(360, "Net Total"), (460, "$850.00")]
    alone = [*station_paper("ORDER", "Ann Lee")[:3], net]
    scores = {each.text: each.score for each in extracted_from(alone).candidates if each.field == "gross_amount"}
    assert scores["850.00"] > 0.5
    assert text_of(alone, "gross_amount") == "850.00"
    assert text_of([*station_paper("ORDER", "Ann Lee"), net], "gross_amount") == "1000.00"


def test_a_name_goes_on_below_where_nothing_else_begins() -> None:
    lines = station_paper("CONTRACT", "Diana Lee for")
    lines.insert(4, [(160, "TN Congress")])
    assert text_of(lines, "advertiser") == "Diana Lee for TN Congress"
    lines[4] = [(160, "12 Main Street")]
    assert text_of(lines, "advertiser") == "Diana Lee for"


def test_the_advertiser_is_named_in_a_part_of_its_own() -> None:
    lines = station_paper("ORDER", "Name:")
    lines[3] = [(60, "Advertiser"), (160, "Name:"), (260, "Woody Lee for Governor")]
    assert text_of(lines, "advertiser") == "Woody Lee for Governor"
