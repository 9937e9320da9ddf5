"""The style of the report's page."""

from typing import Final

from nameplate.formats.html import COLOURS

STYLE: Final = (
    COLOURS
    + """
body { max-width: 1040px; margin: 0 auto; padding: 24px 20px 60px; overflow-wrap: anywhere; }
h1 { font-size: 24px; margin: 0 0 4px; }
h2 { font-size: 18px; margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid var(--line); }
p { margin: 8px 0; max-width: 75ch; }
.soft, figcaption, th, small { color: var(--soft); }
.big { font-size: 44px; font-weight: 600; line-height: 1.1; margin: 20px 0 4px; }
.charts { display: grid; gap: 24px; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); }
.charts h2 { margin-top: 28px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { font-weight: normal; text-align: left; vertical-align: bottom; }
th, td { padding: 4px 12px 4px 0; overflow-wrap: normal; }
th bdi, td bdi { overflow-wrap: anywhere; }
td.n, th.n { text-align: right; }
table.matrix td, table.matrix thead th { padding: 4px 6px; text-align: center; min-width: 40px; }
table.matrix thead th { max-width: 90px; font-size: 12px; }
table.matrix td { border: 1px solid var(--paper); color: var(--ink); }
table.matrix td.right { font-weight: 600; }
.chart { width: 100%; max-width: 520px; height: auto; display: block; }
.chart text { fill: var(--soft); font-size: 12px; }
.bar { width: 160px; height: 14px; vertical-align: -2px; }
svg .grid { stroke: var(--line); fill: none; }
:root { --bar: #82aae3; }
@media (prefers-color-scheme: dark) { :root { --bar: #3f71c2; } }
svg .main { fill: var(--bar); }
svg .faint { fill: var(--bar); opacity: .4; }
svg .ground { fill: var(--tile); }
svg .line, svg .line.main { fill: none; stroke: var(--mark); stroke-width: 2; }
svg .line.ideal { stroke: var(--soft); stroke-dasharray: 5 5; }
svg .band { fill: var(--mark); opacity: .2; }
svg .whisker { stroke: var(--ink); stroke-width: 1.5; fill: none; }
.pictures { display: grid; gap: 12px; margin-top: 12px;
  grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); }
figure { margin: 0; padding: 6px; background: var(--tile); border: 1px solid var(--line);
  border-radius: 8px; break-inside: avoid; }
figure img { display: block; width: 100%; height: 150px; object-fit: contain; }
figure > p { height: 150px; margin: 0; display: grid; place-items: center; text-align: center;
  color: var(--soft); overflow: auto; }
figcaption { font-size: 13px; margin-top: 6px; }
figcaption b { color: var(--ink); }
figcaption .bar { width: 48px; height: 10px; flex: none; }
figcaption .ground { fill: var(--line); }
.row { display: flex; gap: 6px; align-items: center; }
.row > span:first-of-type { flex: 1; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
.row.true { color: var(--ink); font-weight: 600; }
summary { cursor: pointer; margin: 8px 0; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
td:first-child { min-width: 6em; }
@media (max-width: 640px) { td .bar { width: 84px; } }
dt { font-weight: 600; margin-top: 8px; }
dd { margin: 0; color: var(--soft); max-width: 75ch; }
"""
    + "".join(
        f".h{step} {{ background: color-mix(in srgb, var(--mark) {6 * step}%, var(--tile)); }}\n"
        for step in range(11)
    )
)
