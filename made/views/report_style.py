"""How a report looks, on screen and on A4 paper."""

from made.plots.palette import DATA, MODEL, MODEL_STRONG

# Nothing is executed or fetched, whatever the names of runs may try.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

CSS = f"""
@page {{ size: A4; margin: 16mm 16mm 18mm; }}
* {{ box-sizing: border-box; }}
:root {{ color-scheme: light; }}
body {{
  margin: 0; background: #ffffff; color: #1b2129;
  font: 14px/1.4 'Source Sans 3', 'Source Sans Pro', system-ui, sans-serif;
  print-color-adjust: exact; -webkit-print-color-adjust: exact;
}}
main {{ max-width: 730px; margin: 0 auto; padding: 32px 16px; }}
header {{
  display: flex; justify-content: space-between; color: #5b6470; font-size: 12px;
  border-bottom: 2px solid #1b2129; padding-bottom: 4px;
}}
h1 {{ font-size: 27px; margin: 12px 0 2px; line-height: 1.2; }}
h2 {{ font-size: 17px; margin: 22px 0 8px; }}
h3 {{ font-size: 14px; margin: 0 0 3px; display: flex; justify-content: space-between; gap: 6px; }}
p {{ margin: 0; }}
.quiet, .small {{ color: #5b6470; font-weight: 400; }}
.small {{ font-size: 12px; margin-top: 10px; }}
blockquote {{
  margin: 16px 0 4px; padding: 2px 0 2px 14px; border-left: 3px solid {MODEL}; font-size: 16px;
}}
.headline {{ font-weight: 600; }}
em {{ font-style: normal; font-weight: 600; color: {MODEL_STRONG[0]}; }}
.head {{ display: flex; justify-content: space-between; align-items: baseline; }}
.scale {{ color: #5b6470; font-size: 12px; }}
.scale i {{ display: inline-block; width: 84px; height: 9px; border-radius: 3px; }}
.line {{ display: grid; grid-template-columns: 150px 1fr; gap: 22px; }}
.cells {{ display: grid; grid-template-columns: repeat(3, 150px); gap: 14px 22px; }}
.cell {{ break-inside: avoid; }}
.cell img {{ width: 100%; display: block; image-rendering: pixelated; }}
.cell.best img {{ outline: 2px solid {MODEL}; outline-offset: 2px; }}
.best h3, .best .figure b {{ color: {MODEL_STRONG[0]}; }}
.truth {{ color: {DATA}; filter: brightness(0.8); }}
.chip {{ font-size: 12px; }}
.figure {{ margin-top: 5px; color: #5b6470; }}
.figure span {{ white-space: nowrap; }}
.figure b {{ color: #1b2129; }}
.figure span {{ white-space: nowrap; }}
.none {{ aspect-ratio: 1; background: #f3f5f7; color: #5b6470; padding: 8px; font-size: 12px; }}
.aside .cell {{
  display: grid; grid-template-columns: 120px 1fr; grid-template-rows: auto auto auto 1fr;
  column-gap: 16px; margin-bottom: 12px;
}}
.aside h3, .aside p {{ grid-column: 2; }}
.aside h3 {{ grid-row: 1; }}
.aside img {{ grid-column: 1; grid-row: 1 / span 4; }}
table {{ border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }}
.matrix {{ table-layout: fixed; }}
.matrix tr:first-child > :first-child {{ width: 76px; }}
.matrix td {{ padding: 3px 4px; vertical-align: top; }}
.matrix th {{ font-size: 12px; text-align: left; padding: 3px 4px; }}
.matrix .cell h3 {{ display: none; }}
.matrix .figure {{ font-size: 11px; margin-top: 3px; }}
.figures th, .figures td {{ text-align: right; padding: 4px 0 4px 8px; vertical-align: bottom; }}
.figures {{ font-size: 12.5px; }}
.figures.tight {{ font-size: 11px; }}
.figures td {{ white-space: nowrap; }}
.figures th:first-child, .figures td:first-child {{ text-align: left; }}
.figures th {{ font-weight: 400; color: #5b6470; }}
.figures thead {{ border-bottom: 1px solid #1b2129; }}
.figures tbody tr {{ border-bottom: 1px solid #e6e9ed; }}
.figures tr.best td {{ font-weight: 600; }}
dl {{ display: grid; grid-template-columns: repeat(3, 1fr); gap: 4px 20px; margin: 0; }}
dl div {{ display: grid; grid-template-columns: 1fr 1fr; gap: 8px; font-size: 13px; }}
dt {{ color: #5b6470; }}
dd {{ margin: 0; overflow-wrap: anywhere; }}
.again {{ margin-top: 10px; font-size: 13px; color: #5b6470; }}
svg {{ max-width: 100%; height: auto; }}
figure {{ margin: 0 0 14px; break-inside: avoid; }}
figcaption {{ font-weight: 600; margin-bottom: 4px; }}
.runs td, .runs th {{
  text-align: left; vertical-align: top; padding: 4px 8px 4px 0; font-size: 11px;
}}
.runs tr {{ border-bottom: 1px solid #e6e9ed; break-inside: avoid; }}
.runs td {{ overflow-wrap: anywhere; }}
code {{ font: 10.5px/1.35 'Source Code Pro', ui-monospace, monospace; color: #3c4450; }}
footer {{
  margin-top: 20px; border-top: 1px solid #dfe3e8; padding-top: 4px; color: #5b6470;
  font-size: 12px;
}}
.whole, thead {{ break-inside: avoid; }}
h1, h2, h3 {{ break-after: avoid; }}
@media print {{
  main {{ max-width: none; padding: 0; }}
  .overleaf {{ break-before: page; }}
}}
@media (max-width: 640px) {{
  .line {{ grid-template-columns: 1fr; }}
  .cells {{ grid-template-columns: repeat(2, 1fr); }}
  dl {{ grid-template-columns: 1fr; }}
  section {{ overflow-x: auto; }}
}}
"""
