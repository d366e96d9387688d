"""A sheet of 1,000 labels as PDF, beside reportlab drawing the same symbols module by module; and each format alone.

Ours and theirs in turns, of the same symbols, encoded before. reportlab is no dependency: `pip install reportlab`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from io import BytesIO

from renderers import Drawing, Mark, Page, Text, compose, stream
from renderers.writers.pdf import A4, Grid

try:
    from reportlab.pdfgen.canvas import Canvas
except ImportError:
    Canvas = None

ROUNDS = 5
LABELS = 1000
GRID = Grid(page=A4, columns=4, rows=10, margins=(10, 5, 10, 5))
POINT = 25.4 / 72


def label(number: int) -> Drawing:
    text = f"TWIN-{number:06}"
    payload = f"HTTP://127.0.0.1:8000/L/{number:014}"
    return compose(Page(48, 26, (Mark(2, 2, payload, "qr", 0.5), Text(22, 8, 25, 3, text, 2))))


def ours(drawings: list[Drawing]) -> bytes:
    return b"".join(stream(drawings, "pdf", grid=GRID))


def theirs(drawings: list[Drawing]) -> bytes:
    file = BytesIO()
    canvas = Canvas(file, pagesize=(A4[0] / POINT, A4[1] / POINT))
    places = list(GRID.places())
    for number, drawing in enumerate(drawings):
        left, upper = places[number % len(places)]
        [mark], [run] = drawing.marks, drawing.runs
        for y, row in enumerate(mark.symbol.printed_rows):
            for x in range(mark.symbol.printed_width):
                if row >> mark.symbol.printed_width - 1 - x & 1:
                    at = left + mark.x + x * mark.module_mm, A4[1] - upper - mark.y - (y + 1) * mark.module_mm
                    side = mark.module_mm / POINT
                    canvas.rect(at[0] / POINT, at[1] / POINT, side, side, stroke=0, fill=1)
        canvas.setFont("Helvetica", run.size * 1.4 / POINT)
        canvas.drawString((left + run.x) / POINT, (A4[1] - upper - run.y) / POINT, run.run.text)
        if number % len(places) == len(places) - 1:
            canvas.showPage()
    canvas.save()
    return file.getvalue()


def seconds(draw: Callable[[], object]) -> float:
    begun = time.process_time()
    draw()
    return time.process_time() - begun


def main() -> None:
    drawings = [label(number) for number in range(LABELS)]
    if Canvas is None:
        print("reportlab is missing: nobody to compare sheets with")
    else:
        times = [(seconds(lambda: ours(drawings)), seconds(lambda: theirs(drawings))) for _ in range(ROUNDS)]
        mine, other = (statistics.median(one) for one in zip(*times, strict=True))
        print(
            f"{LABELS} labels on sheets, CPU seconds: ours {mine:.3f}, reportlab {other:.3f}, ratio {other / mine:.1f}"
        )
        print(f"octets: ours {len(ours(drawings)):,}, reportlab {len(theirs(drawings)):,}")
    print(f"{'format':<8} {'labels per CPU second, drawn':>30} {'composed and drawn':>20}")
    for form in ("pdf", "zpl", "zip"):
        drawn = statistics.median(seconds(lambda form=form: list(stream(drawings, form))) for _ in range(ROUNDS))  # type: ignore[misc]
        # Numbers that no round had, so that each is encoded and read back.
        fresh = [range(round_ * LABELS, (round_ + 1) * LABELS) for round_ in range(1, 3)]
        whole = statistics.median(
            seconds(lambda form=form, some=some: list(stream(map(label, some), form)))  # type: ignore[misc]
            for some in fresh
        )
        print(f"{form:<8} {LABELS / drawn:>30.0f} {LABELS / whole:>20.0f}")


if __name__ == "__main__":
    main()
