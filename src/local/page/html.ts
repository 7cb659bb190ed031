import { script } from './script.ts'

/** The page: one file, whose script and style are known to its policy by their hashes. */
export async function readPage(isHead: boolean): Promise<Response> {
  const [scriptHash, styleHash] = await Promise.all([hash(script), hash(style)])
  const policy = [
    "default-src 'none'",
    `script-src '${scriptHash}'`,
    `style-src '${styleHash}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]
  return new Response(
    isHead ? null : `${head}<style>${style}</style>${body}<script type="module">${script}</script></html>`,
    {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'content-security-policy': policy.join('; '),
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      },
    },
  )
}

async function hash(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return `sha256-${btoa(String.fromCharCode(...digest))}`
}

const head = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>cognigate local</title>
<link rel="icon" href="data:,">
`

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --ground: light-dark(#f6f7f9, #14181d); --card: light-dark(#fff, #1d232a); --ink: light-dark(#1b2129, #e6eaef); --soft: light-dark(#56616f, #a3adb9); --line: light-dark(#d9dee5, #353e49); --accent: light-dark(#1f5fbf, #8ab4f8); --on-accent: light-dark(#fff, #10233f); --no: light-dark(#9b1c24, #f5a3a8); --yes: light-dark(#17663a, #82d6a3); color: var(--ink); background: var(--ground) }
* { box-sizing: border-box }
[hidden] { display: none !important }
body { max-width: 72rem; margin: 0 auto; padding: 1rem 1rem 3rem }
header { display: flex; gap: .5rem 1rem; flex-wrap: wrap; align-items: center; justify-content: space-between }
h1 { margin: 0; font-size: 1.375rem }
h2 { margin: 0; font-size: 1.0625rem }
h3 { margin: 1rem 0 .25rem; font-size: 1rem }
p { margin: .5rem 0 }
nav { display: flex; flex-wrap: wrap; gap: 0 .25rem; margin: .75rem 0; border-bottom: 1px solid var(--line) }
nav a { padding: .625rem .75rem; white-space: nowrap; color: var(--soft); text-decoration: none; border-bottom: 3px solid transparent }
nav a[aria-current] { color: var(--ink); font-weight: 650; border-color: var(--accent) }
main { display: grid; gap: 1rem; align-items: start; grid-template-columns: minmax(0, 1fr) }
section { min-width: 0; padding: 1rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--card) }
form { display: grid; gap: .625rem; margin: .75rem 0 }
form.row { grid-template-columns: minmax(0, 1fr) auto; align-items: end }
label { display: block; font-weight: 600 }
label.check { display: flex; gap: .5rem; align-items: center; min-height: 2.5rem; font-weight: 400 }
input, select { display: block; width: 100%; min-height: 2.5rem; padding: .375rem .625rem; border: 1px solid var(--line); border-radius: .5rem; font: inherit; font-weight: 400; color: inherit; background: var(--ground) }
label.check input { width: 1.25rem; min-height: 1.25rem; accent-color: var(--accent) }
header select { width: auto; max-width: 100% }
button { min-height: 2.5rem; padding: .375rem .75rem; border: 1px solid var(--accent); border-radius: .5rem; font: inherit; font-weight: 600; color: var(--accent); background: none; cursor: pointer }
button[type=submit] { color: var(--on-accent); background: var(--accent) }
button.plain { display: block; width: 100%; padding: .5rem 0; border: 0; text-align: left; color: inherit; font-weight: 400 }
button.danger { color: var(--no); border-color: var(--no) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0 }
ul { margin: .5rem 0; padding: 0; list-style: none }
li { border-top: 1px solid var(--line); overflow-wrap: anywhere }
li.item { display: flex; gap: .75rem; align-items: center; justify-content: space-between; padding: .5rem 0 }
small, .hint { color: var(--soft) }
small { display: block; font-size: .875rem }
dl { display: grid; grid-template-columns: minmax(7rem, auto) minmax(0, 1fr); gap: .25rem .75rem; margin: .5rem 0; overflow-wrap: anywhere }
dt { color: var(--soft) }
dd { margin: 0 }
summary { display: flex; gap: .25rem .75rem; flex-wrap: wrap; align-items: baseline; padding: .5rem 0; cursor: pointer }
summary small { display: inline }
pre { overflow-x: auto; max-height: 20rem; margin: .25rem 0 .75rem; padding: .5rem .75rem; border-radius: .5rem; font-size: .8125rem; background: var(--ground) }
code { overflow-wrap: anywhere }
.yes { color: var(--yes); font-weight: 650 }
.no { color: var(--no); font-weight: 650 }
output { position: sticky; bottom: 0; display: block; overflow-wrap: anywhere }
output:not(:empty) { margin: 0 -1rem; padding: .75rem 1rem; border-top: 1px solid var(--line); background: var(--card) }
@media (min-width: 56rem) { main.wide { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) } }
`

const body = `
<header>
  <h1>cognigate local</h1>
  <label id="choice" hidden><select id="pool" aria-label="User pool"></select></label>
</header>
<p class="hint" id="about"></p>
<nav aria-label="What to look at">
  <a href="#users">Users</a><a href="#groups">Groups</a><a href="#clients">Clients</a><a href="#codes">Codes</a><a href="#calls">Calls</a><a href="#world">Clock, keys, faults</a>
</nav>
<main></main>
<output role="status"></output>
<noscript>This page needs JavaScript.</noscript>
`
