"""Net, tax and gross: arithmetic decides where labels leave a choice."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from extraction.extract import extract
from extraction.totals import is_usual_rate
from schemas.amounts import Convention, money
from schemas.values import Extraction
from tests.extraction.paper import Line, german_invoice, reading_of

NETS = st.decimals(min_value=Decimal("20.00"), max_value=Decimal("99999.99"), places=2)


def german(value: Decimal) -> str:
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def totals(extraction: Extraction) -> list[Decimal]:
    values = [extraction.get(name) for name in ("net_total", "tax_total", "gross_total")]
    return [Decimal(value.text) for value in values if value]


def read(lines: list[Line]) -> Extraction:
    return extract(reading_of(lines), types=("invoice",), languages=("de", "en"), country="DE", master=None)


@given(NETS, st.sampled_from([7, 19, 20]), st.sampled_from(Convention))
def test_printed_totals_are_found_and_proven(net: Decimal, rate: int, convention: Convention) -> None:
    tax = money(net * rate / 100)
    write = german if convention is Convention.COMMA else "{:,.2f}".format
    extraction = read(german_invoice(net=write(net), tax=write(tax), gross=write(net + tax)))
    assert totals(extraction) == [net, tax, net + tax]
    gross = extraction.get("gross_total")
    assert gross is not None and gross.probability >= 0.95


def test_taxes_of_two_rates_are_added_up() -> None:
    lines = german_invoice()
    at = next(i for i, line in enumerate(lines) if line and line[0][1].startswith("zzgl."))
    lines[at : at + 2] = [
        [(330, "zzgl. 7 % MwSt."), (480, "17,50")],
        [(330, "zzgl. 19 % MwSt."), (480, "190,00")],
        [(330, "Gesamtbetrag"), (480, "1.457,50 EUR")],
    ]
    extraction = read(lines)
    assert totals(extraction) == [Decimal("1250.00"), Decimal("207.50"), Decimal("1457.50")]
    tax = extraction.get("tax_total")
    assert tax is not None and tax.source == "derived"


def test_a_column_of_totals_ends_in_their_sum() -> None:
    lines: list[Line] = [
        [(60, "RECHNUNG Nr. 4711")],
        [(60, "Nettobetrag"), (200, "MwSt-Betrag"), (340, "Endbetrag")],
        [(60, "100,00"), (200, "19,00"), (340, "119,00")],
        [(60, "200,00"), (200, "14,00"), (340, "214,00")],
        [(60, "300,00"), (200, "33,00"), (340, "333,00")],
    ]
    assert totals(read(lines)) == [Decimal("300.00"), Decimal("33.00"), Decimal("333.00")]


def test_a_total_rounded_to_the_smallest_coin_is_doubted() -> None:
    lines: list[Line] = [
        [(60, "RECHNUNG Nr. 4711")],
        [(60, "Nettobetrag"), (300, "100,00")],
        [(60, "MwSt. 19 %"), (300, "19,00")],
        [(60, "Gesamtbetrag"), (300, "119,00")],
        [(60, "Rundung"), (300, "118,98")],
    ]
    gross = read(lines).get("gross_total")
    assert gross is not None and gross.probability < 0.9


def test_rates_that_exist() -> None:
    assert is_usual_rate(Decimal("100.00"), Decimal("19.00")) and is_usual_rate(Decimal("33.33"), Decimal("6.33"))
    assert not is_usual_rate(Decimal("100.00"), Decimal("31.00"))


def test_a_table_of_taxes_is_known_by_its_net_and_tax_columns() -> None:
    receipt: list[Line] = [
        [(60, "Gasthaus Goldener Anker")],
        [(60, "Kassenbon Nr. 6317"), (300, "02.10.2026")],
        [(60, "Zu zahlen"), (300, "EUR 89,57")],
        [(60, "MwSt %"), (200, "Netto"), (300, "MwSt")],
        [(60, "10 %"), (200, "70,70"), (300, "7,07")],
        [(60, "20 %"), (200, "9,83"), (300, "1,97")],
    ]
    extraction = extract(reading_of(receipt), types=("receipt",), languages=("de",), country="AT", master=None)
    taxes = [(value.row, value.name, value.text) for value in extraction.values if value.table == "taxes"]
    assert taxes == [
        (1, "rate", "10"),
        (1, "net", "70.70"),
        (1, "tax", "7.07"),
        (2, "rate", "20"),
        (2, "net", "9.83"),
        (2, "tax", "1.97"),
    ]
