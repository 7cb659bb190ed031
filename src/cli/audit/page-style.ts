/** How the audit page looks: on a screen, on a phone (rows become cards with labels) and on paper. */
export const style = `
:root { color-scheme: light dark; --bg: #fff; --fg: #1a1d21; --faint: #5f6872; --line: #d9dee3; --yes: #0a7d38; --no: #b3261e; --if: #8a5a00; --mark: #1f5fbf }
@media (prefers-color-scheme: dark) { :root { --bg: #14171a; --fg: #e6e9ec; --faint: #9aa4ae; --line: #30363c; --yes: #5fd38d; --no: #ff8a80; --if: #ffc266; --mark: #8ab4ff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--bg); color: var(--fg); font: 15px/1.45 system-ui, sans-serif }
main { max-width: 76rem; margin: auto; padding: 1rem }
h1 { font-size: 1.3rem; margin: .2rem 0; overflow-wrap: anywhere } h2 { font-size: 1.05rem; margin: 1.6rem 0 .5rem }
.faint { color: var(--faint) } ul { padding-left: 1.2rem } li { overflow-wrap: anywhere }
.bar { display: flex; flex-wrap: wrap; gap: .6rem; align-items: end; margin: .5rem 0 }
label { display: grid; gap: .15rem; font-size: .85rem; color: var(--faint); max-width: 100% }
input, select, button { font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--line); border-radius: 6px; padding: .35rem .55rem; max-width: 100% }
input, select { height: 2.2rem }
input { width: 20rem }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 1px }
.wrap { overflow: auto; max-width: 100%; border: 1px solid var(--line); border-radius: 8px }
.matrix { max-height: 80vh }
table { border-collapse: collapse; font-size: .88rem; width: 100% }
.matrix table { width: auto; border-collapse: separate; border-spacing: 0 }
th, td { padding: .3rem .5rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere }
thead th { background: var(--bg) }
th button { border: 0; padding: 0; font-weight: 600 }
[aria-sort=ascending] button::after { content: ' ↑' } [aria-sort=descending] button::after { content: ' ↓' }
.matrix td { text-align: center; padding: .2rem; min-width: 1.6rem }
.matrix tbody th { position: sticky; left: 0; background: var(--bg); min-width: 11rem; max-width: 16rem; font-weight: 500 }
.matrix thead th, .matrix thead td { position: sticky; top: 0; background: var(--bg); z-index: 1 } .matrix thead td { left: 0; z-index: 2 }
.matrix tbody tr:hover > * { background: color-mix(in srgb, var(--mark) 10%, var(--bg)) }
.matrix .count { color: var(--faint); font-weight: 400 }
.matrix thead th { font-weight: 500; padding: .4rem .15rem; vertical-align: bottom }
.matrix thead span { display: inline-block; writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; max-height: 18rem; overflow: hidden; text-overflow: ellipsis }
.y { color: var(--yes); font-weight: 700 } .n { color: var(--no); font-weight: 700 } .c { color: var(--if); font-weight: 700 }
.off th { text-decoration: line-through } .off .state { color: var(--no) }
[data-label=Created] { white-space: nowrap }
.phone { display: none }
summary { cursor: pointer } button.more { margin-top: .6rem } .paper { display: none }
@media screen and (max-width: 40rem) {
  .users thead { display: none } .phone { display: grid } .bar label { flex: 1 1 9rem } input, select { width: 100% }
  .matrix tbody th { min-width: 6.5rem; max-width: 6.5rem }
  .users tr, .users td, .users th { display: block; border: 0; padding: .1rem .6rem }
  .users tr { border-bottom: 1px solid var(--line); padding: .4rem 0 }
  .users td { display: grid; grid-template-columns: 5.5rem 1fr; gap: .5rem }
  .users td::before { content: attr(data-label); color: var(--faint) }
}
@page { margin: 12mm }
@media print {
  :root { color-scheme: light; --bg: #fff; --fg: #000; --faint: #444; --line: #bbb; --yes: #0a7d38; --no: #b3261e; --if: #8a5a00 }
  body { font-size: 9pt } main { max-width: none; padding: 0 }
  .bar, button.more { display: none } .paper { display: block }
  .wrap { overflow: visible; border: 0; max-height: none } .matrix th, .matrix td { position: static !important }
  table { font-size: 8pt } th, td { padding: .12rem .3rem } .users tbody th { font-weight: 500; width: 32% } summary { white-space: nowrap; list-style: none } .users thead button { display: none } .users thead th::before { content: attr(data-label) }
  .matrix table { font-size: 7pt; margin-bottom: 4mm; border-collapse: collapse } .matrix td { min-width: 0; padding: .1rem } .matrix thead th { padding: .1rem 0 } .matrix tbody th { min-width: 0 }
  thead { display: table-header-group } tr { break-inside: avoid } h2 { break-after: avoid }
}
`
