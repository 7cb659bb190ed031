import { createGuard, type GuardOptions } from '../../../src/index.ts'
import { accessClaims, bearerRequest, sign, TestIssuer, type TestKey } from '../../support/issuer.ts'
import { canary, type Keys } from '../world.ts'

/** A hostile thing to do that is no data: it takes several guards, many requests at once, or code of the application. */
export interface Case {
  readonly id: string
  /** The row of HOSTILE.md. */
  readonly about: string
  run(kit: Kit): Promise<unknown>
  /** The one acceptable result. */
  readonly expect: unknown
}

/** What cases work with. */
export class Kit {
  readonly keys: Keys

  constructor(keys: Keys) {
    this.keys = keys
  }

  get key(): TestKey {
    return this.keys['key-1']!
  }

  issuer(): TestIssuer {
    return new TestIssuer(this.key)
  }

  guard(options: Partial<GuardOptions<string, string>> = {}, issuer = this.issuer()) {
    return createGuard({ ...issuer.settings, ...options } as GuardOptions<string, string>)
  }

  token(changes: Record<string, unknown> = {}, key = this.key, header: Record<string, unknown> = {}): Promise<string> {
    return sign(key, accessClaims({ 'custom:canary': canary, ...changes }), header)
  }

  request(token: string): Request {
    return bearerRequest(token)
  }
}

/** `accepted`, or the code of a refusal. */
export function outcomeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'accepted',
    (error: { code?: string }) => error.code ?? `threw ${error}`,
  )
}

/** How often each value comes, such as `{ accepted: 100 }`. */
export function tally(values: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** Whatever can be reached from a value by any property, enumerable or not, as texts. */
export function textsIn(value: unknown, seen = new Set<unknown>()): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null || seen.has(value)) return []
  seen.add(value)
  const own = Reflect.ownKeys(value).flatMap((name) => {
    const descriptor = Object.getOwnPropertyDescriptor(value, name)
    return [String(name), ...textsIn(descriptor?.value, seen)]
  })
  return [...own, ...(value instanceof Error ? [String(value), value.stack ?? ''] : [])]
}
