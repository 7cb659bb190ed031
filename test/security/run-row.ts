import { mint } from './mint.ts'
import type { RequestSpec, Row, Step } from './row.ts'
import { type Delivery, type Session, statusOf, type Verifier } from './verifier.ts'
import { type Keys, World } from './world.ts'

/** What came of a row: `faults` is empty where every step was answered as it must be. */
export interface Verdict {
  readonly faults: readonly string[]
}

/** Puts a verifier through a row, in a world of its own. Undefined where the row means nothing to it. */
export async function runRow(row: Row, verifier: Verifier, keys: Keys): Promise<Verdict | undefined> {
  if (!verifier.supports(row)) return undefined
  const world = new World(keys)
  const minted = Object.entries(row.tokens).map(async ([name, spec]) => [name, await mint(spec, world)] as const)
  const tokens = Object.fromEntries(await Promise.all(minted))
  const faults: string[] = []
  let session: Session | undefined
  for (const [index, step] of row.steps.entries()) {
    if (step.pass !== undefined) world.pass(step.pass)
    if (step.keys !== undefined) world.publish(step.keys)
    if (step.answer !== undefined) world.answerWith(step.answer)
    if (step.expect === undefined) continue
    let got: string
    try {
      session ??= verifier.open(row, world)
      got = await session(deliver(step, tokens, world))
    } catch (error) {
      got = nameOf(error)
    }
    const place = row.steps.length > 1 ? `step ${index + 1}: ` : ''
    if (!isAcceptable(step.expect, got, verifier.exact)) faults.push(`${place}${got}, not ${step.expect}`)
    if (verifier.exact && step.fetches !== undefined && world.asked.length !== step.fetches) {
      faults.push(`${place}${world.asked.length} fetches, not ${step.fetches}`)
    }
  }
  return { faults }
}

/** Errors of ours by their code; anything else by its class, since that is what would be a crash. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${typeof error}`
  return 'code' in error && error.code === 'CONFIGURATION' ? 'CONFIGURATION' : `threw ${error.name}`
}

/** A verifier without our codes has to refuse what is refused, and to tell an outage from a bad token. */
function isAcceptable(expected: string, got: string, exact: boolean): boolean {
  if (exact) return got === expected
  const wanted = statusOf(expected)
  return wanted === 200 || wanted === 503 ? statusOf(got) === wanted : got === 'refused'
}

function deliver(step: Step, tokens: Readonly<Record<string, string>>, world: World): Delivery {
  const name = step.send ?? 'token'
  const plain = step.request?.headers === undefined && step.request?.method === undefined
  const { method = 'GET', url = 'https://app.example/posts', headers = {} }: RequestSpec = step.request ?? {}
  const fields = plain ? { authorization: `Bearer {${name}}` } : headers
  const filled = Object.entries(fields).map(([field, value]) => {
    return [field, String(world.resolve(value)).replace(/\{([\w-]+)\}/g, (_match, of: string) => tokens[of]!)] as const
  })
  const sent = filled[0]?.[1] ?? ''
  // Header fields lose the spaces around them, and are no place for other alphabets: such a token comes some other way.
  const fits = !plain || /^[\t -~]*$/.test(sent)
  const request = fits ? standIn(method, url, filled) : undefined
  const arrives = !plain || request?.headers.get('authorization') === sent
  return { request: arrives ? request : undefined, token: plain ? tokens[name] : undefined, tokens }
}

/** A stand-in for a Request: the class itself refuses some methods, and on some runtimes drops some header fields. */
function standIn(method: string, url: string, fields: readonly (readonly [string, string])[]): Request | undefined {
  try {
    const headers = new Headers()
    for (const [field, value] of fields) headers.append(field, value)
    return { method, url, headers } as Request
  } catch {
    return undefined
  }
}
