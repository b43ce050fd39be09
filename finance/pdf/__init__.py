"""
Invoices, credit notes and statements as PDF: the same document always gives the same bytes.

It shows what the rows say and decides nothing. Fonts are embedded: Inter (Latin, Greek, Cyrillic; figures of one width)
and Space Grotesk, both under the SIL Open Font License, whose text lies beside them.
"""

from finance.pdf.invoices import invoice_pdf
from finance.pdf.statements import statement_file_name, statement_pdf

__all__ = ["invoice_pdf", "statement_file_name", "statement_pdf"]
