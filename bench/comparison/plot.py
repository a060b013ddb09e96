"""Plots without any library: horizontal bars with their spread, as SVG."""
import html
import math

WIDTH, LABELS, ROW, TOP = 860, 250, 26, 64
OURS, OTHERS, SPREAD = "#1f6f8b", "#b9c3c9", "#30343a"


def _step(top):
    """A round distance of grid lines, so that there are four to eight of them."""
    rough = top / 6
    power = 10 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)


def _number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def bars(title, unit, rows, mark=None):
    """`rows` = [(label, median, lowest, highest, ours)]; `mark` = a value to draw a dashed line at."""
    top = max([high for _, _, _, high, _ in rows] + [mark or 0]) or 1
    step = _step(top)
    span = math.ceil(top / step - 1e-9) * step
    height = TOP + ROW * len(rows) + 34

    def x(value):
        return LABELS + (WIDTH - LABELS - 80) * value / span

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
             'font-family="system-ui, sans-serif" font-size="13">',
             f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
             f'<text x="16" y="24" font-size="16" font-weight="600">{html.escape(title)}</text>',
             f'<text x="16" y="44" fill="#5a6168">{html.escape(unit)}; bars are medians, lines reach from the lowest round to the highest</text>']
    bottom = TOP + ROW * len(rows)
    for i in range(round(span / step) + 1):
        at = x(i * step)
        parts.append(f'<line x1="{at:.1f}" y1="{TOP - 6}" x2="{at:.1f}" y2="{bottom}" stroke="#e3e7ea"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle" fill="#5a6168">{_number(i * step)}</text>')
    for i, (label, median, low, high, ours) in enumerate(rows):
        y = TOP + ROW * i
        middle = y + ROW / 2 - 2
        weight = ' font-weight="600"' if ours else ""
        parts.append(f'<text x="{LABELS - 10}" y="{middle + 5:.1f}" text-anchor="end"{weight}>{html.escape(label)}</text>')
        parts.append(f'<rect x="{LABELS}" y="{y + 2}" width="{max(0.5, x(median) - LABELS):.1f}" height="{ROW - 8}" fill="{OURS if ours else OTHERS}"/>')
        if high > low:
            parts.append(f'<path d="M{x(low):.1f} {middle:.1f}H{x(high):.1f}M{x(low):.1f} {middle - 4:.1f}v8M{x(high):.1f} {middle - 4:.1f}v8" '
                         f'stroke="{SPREAD}" fill="none"/>')
        parts.append(f'<text x="{x(max(median, high)) + 6:.1f}" y="{middle + 5:.1f}">{_number(median)}</text>')
    if mark:
        parts.append(f'<line x1="{x(mark):.1f}" y1="{TOP - 6}" x2="{x(mark):.1f}" y2="{bottom}" stroke="#a33" stroke-dasharray="4 3"/>')
    return "\n".join([*parts, "</svg>", ""])
