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
input { min-width: min(20rem, 90vw) }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 1px }
.wrap { overflow: auto; max-width: 100%; border: 1px solid var(--line); border-radius: 8px }
.matrix { max-height: 80vh }
table { border-collapse: collapse; font-size: .88rem; width: 100% }
.matrix table { width: auto }
th, td { padding: .3rem .5rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere }
thead th { background: var(--bg) }
th button { border: 0; padding: 0; font-weight: 600 }
[aria-sort=ascending] button::after { content: ' ↑' } [aria-sort=descending] button::after { content: ' ↓' }
.matrix td { text-align: center; padding: .2rem; min-width: 1.6rem }
.matrix tbody th { position: sticky; left: 0; background: var(--bg); max-width: 14rem; font-weight: 500 }
.matrix .count { color: var(--faint); font-weight: 400 }
.matrix thead th { writing-mode: vertical-rl; transform: rotate(180deg); font-weight: 500; padding: .4rem .15rem; white-space: nowrap }
.y { color: var(--yes); font-weight: 700 } .n { color: var(--no); font-weight: 700 } .c { color: var(--if); font-weight: 700 }
.off th { text-decoration: line-through } .off .state { color: var(--no) }
summary { cursor: pointer } button.more { margin-top: .6rem } .paper { display: none }
@media (max-width: 40rem) {
  .users thead { display: none }
  .users tr, .users td, .users th { display: block; border: 0; padding: .1rem .6rem }
  .users tr { border-bottom: 1px solid var(--line); padding: .4rem 0 }
  .users td { display: grid; grid-template-columns: 5.5rem 1fr; gap: .5rem }
  .users td::before { content: attr(data-label); color: var(--faint) }
}
@media print {
  :root { color-scheme: light; --bg: #fff; --fg: #000; --faint: #444; --line: #bbb; --yes: #0a7d38; --no: #b3261e; --if: #8a5a00 }
  body { font-size: 9pt } main { max-width: none; padding: 0 }
  .bar, button.more { display: none } .paper { display: block }
  .wrap { overflow: visible; border: 0; max-height: none } .matrix tbody th { position: static }
  .matrix table { font-size: 7pt } .matrix td { min-width: 0; padding: .1rem } .matrix thead th { padding: .2rem 0 }
  thead { display: table-header-group } tr { break-inside: avoid } h2 { break-after: avoid }
}
`
