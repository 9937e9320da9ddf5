"""The style and the filter script that all pages of a contact sheet share."""

from typing import Final

from nameplate.formats.html import COLOURS

STYLE: Final = (
    COLOURS
    + """header { position: sticky; top: 0; padding: 10px 20px; background: var(--paper);
  border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 8px 20px;
  align-items: center; }
h1 { font-size: 17px; margin: 0; }
h2 { font-size: 16px; margin: 24px 0 8px; overflow-wrap: anywhere; scroll-margin-top: 70px; }
figcaption { color: var(--soft); font-weight: normal; }
#filter { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; }
label { display: flex; gap: 6px; align-items: center; }
input, select { font: inherit; color: inherit; background: var(--tile); padding: 4px 8px;
  border: 1px solid var(--line); border-radius: 6px; }
a { color: var(--mark); }
nav { padding: 8px 20px; display: flex; flex-wrap: wrap; gap: 4px 16px; max-height: 30vh;
  overflow: auto; }
nav a { overflow-wrap: anywhere; }
main { padding: 0 20px 40px; }
section > div { display: grid; gap: 12px;
  grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); }
figure { margin: 0; padding: 5px; background: var(--tile); border: 1px solid var(--line);
  border-radius: 8px; }
figure.decided { border-color: var(--mark); }
figure img { display: block; width: 100%; height: 160px; object-fit: contain; }
figure p { margin: 0; height: 160px; display: grid; place-items: center; text-align: center;
  font-size: 13px; color: var(--soft); overflow: auto; overflow-wrap: anywhere; }
figcaption { font-size: 13px; overflow-wrap: anywhere; margin-top: 4px; }
figcaption b { color: var(--ink); }
[hidden] { display: none !important; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
@media print { header, nav { position: static; } figure { break-inside: avoid; } }
"""
)

SCRIPT: Final = """
"use strict";
const text = document.getElementById("text"), state = document.getElementById("state");
const count = document.getElementById("count"), figures = [...document.querySelectorAll("figure")];
function filter() {
  const wanted = text.value.trim().toLocaleLowerCase();
  let shown = 0;
  for (const one of figures) {
    const is_named = one.dataset.text.toLocaleLowerCase().includes(wanted);
    one.hidden = !(is_named && (!state.value || one.dataset.state === state.value));
    shown += !one.hidden;
  }
  for (const one of document.querySelectorAll("section"))
    one.hidden = !one.querySelector("figure:not([hidden])");
  count.textContent = `${shown} / ${figures.length}`;
}
document.getElementById("filter").hidden = false;
text.addEventListener("input", filter);
state.addEventListener("change", filter);
filter();
"""
