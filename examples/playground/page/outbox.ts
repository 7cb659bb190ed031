import { fetchOutbox } from './calls.ts'
import { byId, element } from './elements.ts'

/** Shows the codes that the local pool would have sent, for whoever signs up or signs in with a second factor. */
export async function showOutbox(isLocal: boolean): Promise<void> {
  const outbox = byId('outbox')
  outbox.hidden = !isLocal
  if (!isLocal) return
  const load = async () => {
    const items = (await fetchOutbox()).map(({ to, purpose, code }) =>
      element('li', {}, element('b', {}, code), ` for ${to}, ${purpose}`),
    )
    const none = element('li', { class: 'hint' }, 'None so far.')
    outbox.querySelector('ul')?.replaceChildren(...(items.length === 0 ? [none] : items))
  }
  outbox.querySelector('button')?.addEventListener('click', load)
  const open = () => {
    if (['#outbox', '#codes'].includes(location.hash) && outbox instanceof HTMLDetailsElement) outbox.open = true
  }
  addEventListener('hashchange', open)
  open()
  await load()
}
