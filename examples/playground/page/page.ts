import { type Choice, ownToken, showChoices } from './caller-choice.ts'
import { call, fetchScene, fetchToken, type Outcome, type Proof } from './calls.ts'
import { byId } from './elements.ts'
import { markGroups, markStatus, showAdministration, showMatrix } from './matrix.ts'
import { showHint, showOutcome, showSummary } from './result.ts'
import { showOutbox } from './outbox.ts'
import type { SceneRoute } from './scene.ts'

const scene = await fetchScene()
let choice: Choice | undefined

byId('setting').textContent = scene.isLocal
  ? `A Worker guarded by cognigate, before a local user pool, ${scene.userPoolId}.`
  : `A Worker guarded by cognigate, before the user pool ${scene.userPoolId}.`

byId('managed-login').hidden = !scene.hasManagedLogin
showMatrix(scene, (called) => attempt([called]))
showAdministration(scene.administration, (called) => attempt([called]))
showChoices(scene, choose)
await showOutbox(scene.isLocal)
byId('call-all').addEventListener('click', () => attempt(scene.permissions))

function choose(next: Choice): void {
  choice = next
  markGroups(next.groups)
  showHint('Nothing called yet.')
}

/** Calls permissions as the chosen caller, and shows what came of it unless somebody else was chosen meanwhile. */
async function attempt(permissions: readonly SceneRoute[]): Promise<void> {
  const caller = choice
  if (caller === undefined) return
  if (caller.kind === 'own' && ownToken() === '') return showHint('Paste a token first.')
  byId('result').setAttribute('aria-busy', 'true')
  try {
    const proof = await proofOf(caller)
    const outcomes: Outcome[] = []
    for (const called of permissions) outcomes.push(await call(called, proof))
    if (permissions.some((called) => scene.administration.includes(called))) await refresh()
    if (caller.id === choice?.id) show(caller, outcomes)
  } catch (error) {
    showHint(`The call failed: ${error instanceof Error ? error.message : 'no answer'} Is \`npm start\` still running?`)
  } finally {
    byId('result').removeAttribute('aria-busy')
  }
}

/** Shows who is in which group now, with the same caller chosen. */
async function refresh(): Promise<void> {
  const { callers } = await fetchScene()
  showChoices({ ...scene, callers }, choose, choice?.id)
}

function show(caller: Choice, outcomes: readonly Outcome[]): void {
  const [first] = outcomes
  if (caller.kind === 'own') markGroups(first?.verdict.caller?.groups ?? [])
  for (const { called, status } of outcomes) markStatus(called.name, status)
  if (first !== undefined && outcomes.length === 1) showOutcome(first)
  else showSummary(outcomes)
  byId('why').scrollTop = 0
}

async function proofOf(caller: Choice): Promise<Proof> {
  switch (caller.kind) {
    case 'sample':
      return { token: await fetchToken(caller.id) }
    case 'own':
      return { token: ownToken() }
    case 'session':
      return 'session'
    default:
      return 'nothing'
  }
}
