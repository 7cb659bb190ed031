import { byId, element } from './elements.ts'
import type { Scene, SceneRoute } from './scene.ts'

const marks = {
  allow: ['✓', 'allowed'],
  deny: ['–', 'not allowed'],
  conditional: ['?', 'allowed under a condition'],
} as const

/** Fills in the table of routes and groups, with a button for each route. */
export function showMatrix(scene: Scene, onCall: (called: SceneRoute) => void): void {
  const heads = scene.groups.map((group) => element('th', { scope: 'col', 'data-group': group }, group))
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'Route'),
    ...heads,
    element('th', { scope: 'col', class: 'call' }, element('span', { class: 'unseen' }, 'Call')),
  )
  const rows = scene.permissions.map((called) => rowOf(called, scene.groups, onCall))
  byId('matrix').replaceChildren(element('thead', {}, head), element('tbody', {}, ...rows))
}

function rowOf(called: SceneRoute, groups: readonly string[], onCall: (called: SceneRoute) => void) {
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

/** Writes the status of a call into the row of the route. */
export function markStatus(name: string, status: number): void {
  const place = document.querySelector(`[data-status="${CSS.escape(name)}"]`)
  place?.replaceChildren(badge(status))
}

/** A status in the colour of its meaning. */
export function badge(status: number): HTMLElement {
  return element('span', { class: `badge ${status < 400 ? 'yes' : 'no'}` }, String(status))
}

/** Fills in the list of the admin API's calls, with a button for each; hidden where there are none. */
export function showAdministration(calls: readonly SceneRoute[], onCall: (called: SceneRoute) => void): void {
  byId('administration').hidden = calls.length === 0
  const items = calls.map((called) => {
    const { name, method, path } = called
    const button = element('button', { type: 'button', 'aria-label': `Call ${name}: ${method} ${path}` }, 'Call')
    button.addEventListener('click', () => onCall(called))
    const title = element('span', {}, element('b', {}, name), ' ', element('code', {}, `${method} ${path}`))
    return element('li', {}, title, element('span', { class: 'status', 'data-status': name }), button)
  })
  byId('admin-calls').replaceChildren(...items)
}
