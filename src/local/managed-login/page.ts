import type { Context, Handler } from '../operation.ts'
import { csrfCookie, respond, toVisit, type Visit, writeCookie } from './visit.ts'

/** Text that is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = string | number | Html | readonly Html[] | undefined

/** HTML with values in it. Every value is escaped, unless it is HTML itself. */
export function html(texts: TemplateStringsArray, ...values: readonly Part[]): Html {
  const parts = values.map((value) => {
    if (value instanceof Html) return value.text
    return Array.isArray(value) ? value.map(({ text }) => text).join('') : escapeHtml(String(value ?? ''))
  })
  return new Html(texts.map((text, at) => text + (parts[at] ?? '')).join(''))
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/g, (letter) => entities[letter] ?? '')
}

/** What a page shows. */
export interface Page {
  readonly title: string
  readonly body: Html
  /** What went wrong with what was sent before. */
  readonly error?: string | undefined
  /** What is to be known, such as where a code went. */
  readonly notice?: string | undefined
  readonly status?: number | undefined
  /** Whether it asks the browser for a passkey. */
  readonly hasScript?: boolean | undefined
}

/** The page as a response: one file, whose script and style its policy knows by their hashes. */
export async function showPage(visit: Visit, page: Page, token: string): Promise<Response> {
  const { title, body, error, notice, status = 200, hasScript = false } = page
  const scriptSource = hasScript ? [`script-src '${await hash(script)}'`] : []
  const policy = [
    "default-src 'none'",
    `style-src '${await hash(style)}'`,
    ...scriptSource,
    'img-src data:',
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
  const content = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(style)}</style>
<main>
<h1>${title}</h1>
${error === undefined ? undefined : html`<p class="error" role="alert">${error}</p>`}
${notice === undefined ? undefined : html`<p role="status">${notice}</p>`}
${body}
</main>
<footer>Managed login of the local user pool ${visit.pool.name}${codesLink(visit)}${languageNote(visit)}</footer>
${hasScript ? html`<script>${new Html(script)}</script>` : undefined}
</html>
`
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy.join('; '),
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  })
  if (token !== visit.csrfCookie) headers.append('set-cookie', writeCookie(visit, csrfCookie, token))
  return new Response(content.text, { status, headers })
}

/** Where a person finds the codes that were not really sent, if the page is one of a server's. */
function codesLink({ base }: Visit): Html | undefined {
  if (new URL(base).pathname === '/') return undefined
  return html`<br><a href="/#codes" target="_blank" rel="noopener">Codes that were not really sent</a>`
}

/** The languages of Cognito's own pages (managed login, localization). These here are English. */
const languages: Readonly<Record<string, string>> = {
  de: 'German',
  es: 'Spanish',
  fr: 'French',
  id: 'Indonesian',
  it: 'Italian',
  ja: 'Japanese',
  ko: 'Korean',
  'pt-BR': 'Brazilian Portuguese',
  'zh-CN': 'simplified Chinese',
  'zh-TW': 'traditional Chinese',
}

/** Says which language was asked for, so that it can be seen to arrive. */
function languageNote({ query: { lang = '' } }: Visit): Html | undefined {
  return Object.hasOwn(languages, lang) ? html`<br>Cognito’s own pages would be in ${languages[lang]}.` : undefined
}

/** The token that ties forms to the browser: the one that it has, or a new one. */
export function readToken({ csrfCookie: held }: Visit, { random }: Pick<Context, 'random'>): string {
  return held !== undefined && /^[\w-]{32,}$/.test(held) ? held : random.alphanumeric(43)
}

/** Whether a form was sent from a page of this browser: other sites can neither read the cookie nor send it. */
export function isOwnForm({ form, csrfCookie: held }: Visit): boolean {
  return held !== undefined && held.length >= 32 && form['_csrf'] === held
}

/** What is said to a form of another site, or of a browser without cookies. */
export function foreignForm(): string {
  return 'The form has expired, or your browser keeps no cookies. Try again.'
}

/** A form that is sent to the same address; the parameters of the visit stay in it. */
export function form(token: string, content: Html, attributes: Html = html``): Html {
  return html`<form method="post" ${attributes}><input type="hidden" name="_csrf" value="${token}">${content}</form>`
}

/** A labelled input. */
export function field(
  label: string,
  name: string,
  {
    type = 'text',
    value,
    autocomplete = 'off',
    isFirst = false,
    isOptional = false,
  }: {
    readonly type?: string
    readonly value?: string | undefined
    readonly autocomplete?: string
    readonly isFirst?: boolean
    readonly isOptional?: boolean
  } = {},
): Html {
  const required = isOptional ? undefined : html`required`
  const focus = isFirst ? html`autofocus` : undefined
  const plain = html`autocapitalize="none" spellcheck="false"`
  return html`<label>${label}<input name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" ${plain} ${required} ${focus}></label>`
}

/** An input for a code of six digits, as phones fill it in. */
export function codeField(label: string, name = 'code'): Html {
  return html`<label>${label}<input name="${name}" inputmode="numeric" autocomplete="one-time-code" required autofocus></label>`
}

export function hidden(values: Readonly<Record<string, string>>): Html {
  return html`${Object.entries(values).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`
}

/** A button; with a name it says which was pressed. Those beside the form's own need none of its fields. */
export function button(label: string, name?: string, value?: string): Html {
  if (name === undefined) return html`<button class="main">${label}</button>`
  return html`<button name="${name}" value="${value}" formnovalidate>${label}</button>`
}

/** The page of errors, to which requests go whose client or address is not known. */
export const errorPage: Handler = (state, input, context) => {
  const visit = toVisit(state, input)
  const page = {
    title: 'An error was encountered with the requested page.',
    body: html``,
    error: visit.query['error'] ?? 'invalid_request',
    status: 400,
  }
  return respond(visit, () => showPage(visit, page, readToken(visit, context)))
}

async function hash(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return `sha256-${btoa(String.fromCharCode(...digest))}`
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --ground: light-dark(#eef1f5, #14181d); --card: light-dark(#fff, #1d232a); --ink: light-dark(#1b2129, #e6eaef); --soft: light-dark(#56616f, #a3adb9); --line: light-dark(#8a94a1, #66717e); --accent: light-dark(#1f5fbf, #8ab4f8); --on-accent: light-dark(#fff, #10233f); --no: light-dark(#9b1c24, #f5a3a8); color: var(--ink); background: var(--ground) }
* { box-sizing: border-box }
body { display: grid; min-height: 100svh; margin: 0; padding: 1rem; align-content: center; justify-items: center; gap: 1rem }
main { width: 100%; max-width: 26rem; padding: 1.5rem; border-radius: .75rem; background: var(--card) }
h1 { margin: 0 0 1rem; font-size: 1.375rem; overflow-wrap: anywhere }
p { margin: .75rem 0; overflow-wrap: anywhere }
form { display: grid; gap: .75rem; margin: 0 0 .75rem }
label { display: block; font-weight: 600 }
input { display: block; width: 100%; min-height: 2.75rem; margin-top: .25rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem; font: inherit; font-weight: 400; color: inherit; background: transparent }
button { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--accent); border-radius: .5rem; font: inherit; font-weight: 600; color: var(--accent); background: none; cursor: pointer }
button.main { color: var(--on-accent); background: var(--accent) }
a { display: inline-block; padding: .375rem 0; color: var(--accent) }
nav { display: flex; flex-wrap: wrap; gap: 0 1.25rem }
code { overflow-wrap: anywhere; font-size: .9375rem }
footer { font-size: .875rem; color: var(--soft); overflow-wrap: anywhere; text-align: center }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px }
.error { color: var(--no); font-weight: 600 }
`

/** Asks the browser for a passkey, or to make one, and sends what it answers. Cancelled, the page can ask again. */
const script = `
const form = document.querySelector('form[data-passkey]')
const ask = async () => {
  const options = JSON.parse(form.dataset.options)
  const credential = form.dataset.passkey === 'create'
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
  form.elements.credential.value = JSON.stringify(credential.toJSON())
  form.submit()
}
const tell = (error) => { document.querySelector('#passkey-error').textContent = 'The passkey could not be used (' + error.name + ').' }
form.addEventListener('submit', (event) => { event.preventDefault(); ask().catch(tell) })
`
