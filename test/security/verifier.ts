import type { Row } from './row.ts'
import type { World } from './world.ts'

/** What one step sends. */
export interface Delivery {
  /** Absent where no request can carry it, such as a token with a line break. */
  readonly request: Request | undefined
  /** The token by itself, where the request is nothing but its bearer. */
  readonly token: string | undefined
  /** All tokens of the row, by name. */
  readonly tokens: Readonly<Record<string, string>>
}

/** Answers with `accepted`, with the code of a refusal, or, where it has no codes, `refused` or `unavailable`. */
export type Session = (delivery: Delivery) => Promise<string>

/** Something that can be put through the corpus. */
export interface Verifier {
  readonly name: string
  /** Whether it is ours, and therefore held to the code of a refusal and not only to refusing. */
  readonly exact: boolean
  /** Whether it has the notions that the row is about. */
  supports(row: Row): boolean
  /** Sets it up as a careful user would, for the row. May throw, as constructors do. */
  open(row: Row, world: World): Session
}

/** An HTTP status for the outcomes that have one. */
export function statusOf(outcome: string): number | undefined {
  if (outcome === 'accepted' || outcome === 'anonymous') return 200
  if (outcome === 'CONFIGURATION') return undefined
  if (outcome.startsWith('status ')) return Number(outcome.slice(7))
  if (outcome === 'KEYS_UNAVAILABLE' || outcome === 'unavailable') return 503
  if (/^(PERMISSION_DENIED|GROUP_REQUIRED|GROUP_UNKNOWN|SCOPE_REQUIRED|CROSS_SITE_REQUEST)$/.test(outcome)) return 403
  return /^(refused|[A-Z]+(_[A-Z]+)+)$/.test(outcome) ? 401 : 500
}
