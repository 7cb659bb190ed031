import { byId, element } from './elements.ts'
import type { Scene } from './scene.ts'

/** Who calls, as chosen on the page. */
export interface Choice {
  readonly kind: 'sample' | 'session' | 'nobody' | 'own'
  readonly id: string
  readonly name: string
  readonly about: string
  readonly story: string
  readonly groups: readonly string[]
}

const nobody: Choice = {
  kind: 'nobody',
  id: 'nobody',
  name: 'Nobody',
  about: 'no token',
  story: 'The request carries no token at all.',
  groups: [],
}

const own: Choice = {
  kind: 'own',
  id: 'own',
  name: 'You',
  about: 'a token of your own',
  story: 'Paste an access token. It goes to the app on this machine and nowhere else.',
  groups: [],
}

/** Fills in the choices, and tells of each one made, that of `chosen` or the first one included. */
export function showChoices(scene: Scene, onChoice: (choice: Choice) => void, chosen?: string): void {
  const samples = scene.callers.map((caller): Choice => ({ kind: caller.hasSession ? 'session' : 'sample', ...caller }))
  const choices = samples.length > 0 ? [...samples, nobody, own] : [own, nobody]
  const choose = (choice: Choice) => {
    byId('own').hidden = choice.kind !== 'own'
    byId('session').hidden = choice.kind !== 'session'
    byId('story').textContent = choice.story
    onChoice(choice)
  }
  const first = choices.find(({ id }) => id === chosen) ?? choices[0]
  byId('choices').replaceChildren()
  for (const choice of choices) {
    const input = element('input', { type: 'radio', name: 'caller', value: choice.id, checked: choice === first })
    input.addEventListener('change', () => choose(choice))
    const text = element('span', {}, element('b', {}, choice.name), ' ', element('small', {}, choice.about))
    byId('choices').append(element('label', { class: 'choice' }, input, text))
    if (choice === first) choose(choice)
  }
}

/** The token in the field, without the spaces and line ends that copying brings along. */
export function ownToken(): string {
  const field = byId('own-token')
  return field instanceof HTMLTextAreaElement ? field.value.replace(/\s+/g, '') : ''
}
