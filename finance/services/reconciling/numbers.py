"""Legal numbers without a gap: those that were drawn, beside the documents that bear them."""

from django.db import connection

from finance.enums import MoneyDifference
from finance.models.invoices import document_code
from finance.services.reconciling.findings import Finding, Report

# A number and its document are committed together, so a gap is never one on its way. The number that the counter gives
# next stands for the end of the series: a gap before it is the latest document.
_GAPS = """
SELECT series, year, first, last FROM (
    SELECT series, year, lag(number, 1, 0) OVER (PARTITION BY series, year ORDER BY number) + 1 AS first,
           number - 1 AS last
    FROM (SELECT series, year, number FROM finance_invoice
          UNION ALL SELECT series, year, latest_number + 1 FROM finance_invoiceseries) AS given
) AS between_two
WHERE first <= last
ORDER BY series, year, first
"""


def numbers_check(report: Report) -> None:
    """Name every number of every series and year that was given and has no document; also one that was issued anew."""
    with connection.cursor() as cursor:
        cursor.execute(_GAPS)
        gaps = cursor.fetchall()
    for series, year, first, last in gaps:
        codes = [document_code(series=series, year=year, number=number) for number in (first, last)]
        missing = codes[0] if first == last else f"{codes[0]} to {codes[1]}"
        report.add(
            Finding(
                kind=MoneyDifference.NUMBER_MISSING,
                subject=f"series {series} of {year}",
                expected=f"{missing}, {last - first + 1} in all" if first < last else missing,
                found="nothing",
                done="Nothing: a number is not given twice. The audit trail says what was issued under it; put that on "
                "file, or a note of its loss.",
            )
        )
