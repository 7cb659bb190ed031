import { byId, element } from './element.ts'
import type { Scene, SceneFunction } from './scene.ts'

const marks = {
  allow: ['✓', 'allowed'],
  deny: ['–', 'not allowed'],
  conditional: ['?', 'allowed under a condition'],
} as const

/** Fills in the table of function × group, with a button a function. */
export function showMatrix(scene: Scene, onCall: (called: SceneFunction) => void): void {
  const heads = scene.groups.map((group) => element('th', { scope: 'col', 'data-group': group }, group))
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'Function'),
    ...heads,
    element('th', { scope: 'col', class: 'call' }, element('span', { class: 'unseen' }, 'Call')),
  )
  const rows = scene.permissions.map((called) => rowOf(called, scene.groups, onCall))
  byId('matrix').replaceChildren(element('thead', {}, head), element('tbody', {}, ...rows))
}

function rowOf(called: SceneFunction, groups: readonly string[], onCall: (called: SceneFunction) => void) {
  const { name, method, path, access } = called
  const button = element('button', { type: 'button', 'aria-label': `Call ${name}: ${method} ${path}` }, 'Call')
  button.addEventListener('click', () => onCall(called))
  const title = element('th', { scope: 'row' }, element('b', {}, name), element('code', {}, `${method} ${path}`))
  const cells =
    access === undefined
      ? [element('td', { colspan: String(groups.length), class: 'anyone' }, 'any signed-in user')]
      : groups.map((group) => {
          const [mark, meaning] = marks[access[group] ?? 'deny']
          const seen = element('span', { 'aria-hidden': 'true' }, mark)
          const cell = { 'data-group': group, class: access[group] ?? 'deny' }
          return element('td', cell, seen, element('span', { class: 'unseen' }, meaning))
        })
  const status = element('span', { class: 'status', 'data-status': name })
  return element('tr', {}, title, ...cells, element('td', { class: 'call' }, element('div', {}, status, button)))
}

/** Marks the columns of the caller's groups, and forgets what was called. */
export function markGroups(groups: readonly string[]): void {
  for (const cell of document.querySelectorAll('[data-group]')) {
    const group = cell.getAttribute('data-group') ?? ''
    const member = groups.includes(group)
    cell.classList.toggle('member', member)
    if (cell.tagName === 'TH') cell.replaceChildren(group, ...(member ? [element('small', {}, 'member')] : []))
  }
  for (const status of document.querySelectorAll('[data-status]')) status.replaceChildren()
}

/** Writes the status of a call into the function's row. */
export function markStatus(name: string, status: number): void {
  const place = document.querySelector(`[data-status="${CSS.escape(name)}"]`)
  place?.replaceChildren(badge(status))
}

/** A status in the colour of its meaning. */
export function badge(status: number): HTMLElement {
  return element('span', { class: `badge ${status < 400 ? 'yes' : 'no'}` }, String(status))
}
