import { byId, element } from './element.ts'
import type { SceneFunction } from './scene.ts'

/** Fills in the list of the admin API's calls, with a button for each; hidden where there are none. */
export function showAdministration(calls: readonly SceneFunction[], onCall: (called: SceneFunction) => void): void {
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
