"""The sheet that all documents are printed on: fonts, colours, head, foot, tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

FONTS = Path(__file__).parent / "fonts"
TEXT, STRONG, DISPLAY = "Inter", "Inter-SemiBold", "SpaceGrotesk"
INK, MUTED, LINE, ACCENT, NIGHT = map(HexColor, ("#16192A", "#5B6078", "#E4DFD4", "#C2410C", "#0B1020"))
FLAME, GLOW, PANEL = map(HexColor, ("#FF6B2C", "#FFC46B", "#F6F4EF"))
WIDTH, HEIGHT = A4
MARGIN = 20 * mm
INNER = WIDTH - 2 * MARGIN
Row = Sequence[tuple[str, str]]  # label and value


@dataclass(frozen=True, kw_only=True)
class Party:
    """Somebody whom a document names: a heading, a name, and lines below it."""

    heading: str
    name: str
    lines: tuple[str, ...] = ()


@cache
def fonts_register() -> None:
    """Make the fonts known, once a process."""
    for name, file in ((TEXT, "inter-regular"), (STRONG, "inter-semibold"), (DISPLAY, "space-grotesk-semibold")):
        pdfmetrics.registerFont(TTFont(name, FONTS / f"{file}.ttf"))


def style(**changes: Any) -> ParagraphStyle:
    """Return a style of running text with some things changed."""
    values = {"fontName": TEXT, "fontSize": 9.5, "leading": 14, "textColor": INK, "splitLongWords": True}
    return ParagraphStyle("text", **{**values, **changes})


def text(words: str, **changes: Any) -> Paragraph:
    """Set plain words; whatever stands in them, none of it is markup."""
    return Paragraph(escape(words).replace("\n", "<br/>"), style(**changes))


def small(words: str, **changes: Any) -> Paragraph:
    """Set words of less weight."""
    return text(words, **{"fontSize": 8.5, "leading": 12, "textColor": MUTED, **changes})


def figure(words: str, **changes: Any) -> Paragraph:
    """Set an amount, at the right edge of its column."""
    return text(words, alignment=TA_RIGHT, **changes)


def parties(*given: Party) -> Table:
    """Set the parties side by side."""
    cells = [
        [small(party.heading), text(party.name, fontName=STRONG)]
        + [text(line, fontSize=9, leading=13) for line in party.lines if line]
        for party in given
    ]
    return _columns(cells)


def facts(*columns: Row) -> Table:
    """Set labels and values in columns, on a tinted band."""
    cells = [[_fact(label, value) for label, value in rows] for rows in columns]
    table = _columns(cells)
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, -1), PANEL),
                ("TOPPADDING", (0, 0), (-1, -1), 8),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
                ("LEFTPADDING", (0, 0), (-1, -1), 10),
            ]
        )
    )
    return table


def _fact(label: str, value: str) -> Paragraph:
    words = f'<font color="#5B6078">{escape(label)}</font>&nbsp;&nbsp; {escape(value)}'
    return Paragraph(words, style(fontSize=9, leading=14))


def _columns(cells: list[list[Paragraph]]) -> Table:
    table = Table([cells], colWidths=[INNER / len(cells)] * len(cells))
    edges = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    table.setStyle(TableStyle([*edges, ("TOPPADDING", (0, 0), (-1, -1), 0)]))
    return table


def lines(*, head: Sequence[Any], rows: Sequence[Sequence[Any]], widths: Sequence[float], foot: int = 0) -> Table:
    """
    Set a table whose head is repeated on each page; an empty text lets the cell before it run on.

    Args:
        widths: shares of the width. foot: how many of the last rows are sums, set off by a stronger line.
    """
    table = Table([list(head), *map(list, rows)], colWidths=[INNER * share for share in widths], repeatRows=1)
    looks: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
        ("LINEBELOW", (0, 1), (-1, -1 - foot), 0.4, LINE),
    ]
    looks += [("SPAN", *span) for span in _spans(rows)]
    if foot:
        looks.append(("LINEABOVE", (0, -foot), (-1, -foot), 0.8, INK))
        looks.append(("NOSPLIT", (0, max(-foot - 1, -len(rows))), (-1, -1)))
    table.setStyle(TableStyle(looks))
    return table


def _spans(rows: Sequence[Sequence[Any]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Find the cells that run on over empty ones after them; row 0 is the head."""
    found = []
    for number, row in enumerate(rows, start=1):
        column = 0
        while column < len(row):
            end = column
            while end + 1 < len(row) and row[end + 1] == "":
                end += 1
            if end > column:
                found.append(((column, number), (end, number)))
            column = end + 1
    return found


def gap(points: float) -> Spacer:
    """Leave room."""
    return Spacer(1, points)


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """The words around a document; `page` takes a number and a sum."""

    tax: str
    page: str


_FRAMES = {
    "en": _Frame(tax="Tax id", page="Page {0} of {1}"),
    "es": _Frame(tax="Id. fiscal", page="Página {0} de {1}"),
}


def build(*, kind: str, code: str, subject: str, story: list[Flowable], language: str = "en") -> bytes:
    """Print a document: `kind` and `code` stand in its head and its title."""
    fonts_register()
    target = BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        invariant=1,  # no clock in the file: the same document is the same bytes
        title=f"{kind} {code}",
        author=settings.COMPANY_NAME,
        subject=subject,
        creator=settings.COMPANY_NAME,
        lang=language,
    )
    frame = Frame(MARGIN, 24 * mm, INNER, HEIGHT - 24 * mm - 44 * mm, 0, 0, 0, 0)

    def page(canvas: Canvas, _: Any) -> None:
        _head(canvas, kind, code)
        _foot(canvas, _FRAMES[language])

    document.addPageTemplates([PageTemplate(id="sheet", frames=[frame], onPage=page)])
    document.build(story, canvasmaker=partial(_NumberedCanvas, numbers=_FRAMES[language].page))
    return target.getvalue()


def _head(canvas: Canvas, kind: str, code: str) -> None:
    top = HEIGHT - 24 * mm
    _rocket(canvas, MARGIN + 6, top + 1)
    canvas.setFillColor(NIGHT)
    canvas.setFont(DISPLAY, 15)
    canvas.drawString(MARGIN + 18, top - 4, "Astro Bookings")
    canvas.setFillColor(INK)
    canvas.setFont(DISPLAY, 21)
    canvas.drawRightString(WIDTH - MARGIN, top - 4, kind)
    canvas.setFillColor(ACCENT)
    canvas.setFont(STRONG, 10.5)
    canvas.drawRightString(WIDTH - MARGIN, top - 20, code)
    canvas.setStrokeColor(FLAME)
    canvas.setLineWidth(1.6)
    canvas.line(MARGIN, top - 30, MARGIN + 42, top - 30)
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN + 42, top - 30, WIDTH - MARGIN, top - 30)


def _rocket(canvas: Canvas, x: float, y: float) -> None:
    """Draw the brand's mark, as the pages have it."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(0.82, -0.82)
    for colour, points in (
        (GLOW, ((-2.4, 7.4), (0, 10, 0, 10, 0, 15), (0, 10, 0, 10, 2.4, 7.4))),
        (FLAME, ((-3.9, 1.5), (-7.6, 9.2), (-2.6, 7.4))),
        (FLAME, ((3.9, 1.5), (7.6, 9.2), (2.6, 7.4))),
        (NIGHT, ((0, -12.5), (4.4, -7.6, 4.9, 0, 3.2, 7.6), (-3.2, 7.6), (-4.9, 0, -4.4, -7.6, 0, -12.5))),
    ):
        path = canvas.beginPath()
        path.moveTo(*points[0])
        for point in points[1:]:
            if len(point) == 2:
                path.lineTo(*point)
            else:
                path.curveTo(*point)
        path.close()
        canvas.setFillColor(colour)
        canvas.drawPath(path, fill=1, stroke=0)
    canvas.setFillColor(HexColor("#FFFFFF"))
    canvas.circle(0, -2.6, 1.75, fill=1, stroke=0)
    canvas.restoreState()


def _foot(canvas: Canvas, frame: _Frame) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, 19 * mm, WIDTH - MARGIN, 19 * mm)
    canvas.setFillColor(MUTED)
    canvas.setFont(TEXT, 8)
    tax = f"{frame.tax} {settings.COMPANY_TAX_ID}" if settings.COMPANY_TAX_ID else ""
    address = ", ".join(settings.COMPANY_ADDRESS.splitlines())
    words = " · ".join(filter(None, [settings.COMPANY_NAME, address, tax, settings.SUPPORT_EMAIL]))
    canvas.drawString(MARGIN, 14 * mm, words)


class _NumberedCanvas(Canvas):
    """Writes "page 2 of 3", which is known only at the end."""

    def __init__(self, *args: Any, numbers: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._numbers = numbers
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep the page until the number of pages is known."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Number the pages and write them."""
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self.setFillColor(MUTED)
            self.setFont(TEXT, 8)
            self.drawRightString(WIDTH - MARGIN, 14 * mm, self._numbers.format(number, len(self._pages)))
            super().showPage()
        super().save()
