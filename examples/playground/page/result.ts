import type { Outcome } from './calls.ts'
import { byId, element } from './elements.ts'
import { badge } from './matrix.ts'

/** Shows what came of a call, and why. */
export function showOutcome({ called, status, body, verdict, curl }: Outcome): void {
  const agrees = verdict.allowed === ![401, 403].includes(status)
  byId('result').replaceChildren(
    element('p', { class: 'answer' }, badge(status), ' ', element('code', {}, `${called.method} ${called.path}`)),
    element('p', { class: `verdict ${verdict.allowed ? 'yes' : 'no'}`, id: 'verdict' }, verdict.sentence),
    ...(agrees
      ? []
      : [element('p', { class: 'hint' }, 'The app answered differently: it may know the pool by other settings.')]),
    ...(body === '' ? [] : [details('Answer of the app', pretty(body), true)]),
    details(`Decision: ${verdict.code}`, JSON.stringify(verdict.decision ?? verdict, null, 2), false),
    details('The same in the terminal', curl, false),
  )
}

/** Shows in a line what came of several calls. */
export function showSummary(outcomes: readonly Outcome[]): void {
  const lines = outcomes.map(({ called, status, verdict }) =>
    element('li', {}, badge(status), ' ', element('b', {}, called.name), element('span', {}, verdict.sentence)),
  )
  byId('result').replaceChildren(element('ul', { class: 'summary' }, ...lines))
}

export function showHint(text: string): void {
  byId('result').replaceChildren(element('p', { class: 'hint' }, text))
}

function details(summary: string, text: string, open: boolean): HTMLElement {
  return element('details', { open }, element('summary', {}, summary), element('pre', { tabindex: '0' }, text))
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
