import {
  issuerName,
  regionalIssuerName,
  start,
  TestIssuer,
  type TestKey,
  userPoolId,
  createKey,
  clientId,
} from '../support/issuer.ts'
import type { AnswerSpec } from './row.ts'

export const otherPoolId = 'us-east-1_OtherPool'
export const otherIssuerName = `https://cognito-idp.us-east-1.amazonaws.com/${otherPoolId}`
export const otherClientId = '2another3456789abcdefghijk'

/** Stands in the claims of every token, and in no answer. */
export const canary = 'canary-5d1f0c'

export type Keys = Readonly<Record<string, TestKey>>

let made: Promise<Keys> | undefined

/** The keys of the corpus, made once: two of the pool, one of the other pool with the kid of the first, a stranger's. */
export function corpusKeys(): Promise<Keys> {
  made ??= Promise.all(['key-1', 'key-2', 'key-1', 'stranger'].map(createKey)).then(
    ([first, second, other, stranger]) => ({
      'key-1': first!,
      'key-2': second!,
      other: other!,
      stranger: stranger!,
    }),
  )
  return made
}

/** The issuers of one row, on a clock that is turned by hand. */
export class World extends TestIssuer {
  readonly all: Keys

  constructor(all: Keys) {
    super(all['key-1']!)
    this.all = all
    this.reset()
  }

  /** The pool's issuer has these keys; the other pool's has its own. */
  publish(names: readonly string[]): void {
    this.keys = names.map((name) => this.key(name))
    this.reset()
  }

  private reset(): void {
    const others = () => Response.json({ keys: [this.key('other').jwk] })
    this.respond = ({ url }) => (url.startsWith(otherIssuerName) ? others() : this.answer())
  }

  key(name: string): TestKey {
    const key = this.all[name]
    if (key === undefined) throw new Error(`no key ${name}`)
    return key
  }

  answerWith(spec: AnswerSpec): void {
    this.respond = () => this.answerOf(spec)
  }

  protected answerOf({ status = 200, headers = {}, json, text = '', filler = 0, never, broken }: AnswerSpec) {
    if (broken) return Promise.reject(new TypeError('network'))
    if (never === 'answer') return new Promise<Response>(() => {})
    const body = (json === undefined ? text : JSON.stringify(this.resolve(json))) + ' '.repeat(filler)
    if (never === undefined) return new Response(body, { status, headers })
    const bytes = new TextEncoder().encode(body.padEnd(1024))
    // More and more of it, but not without end: a reader that nobody stops would go on for as long as the process does.
    let left = never === 'end' ? 4096 : 1
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => (left-- > 0 ? controller.enqueue(bytes) : new Promise(() => {})),
    })
    return new Response(stream, { status, headers })
  }

  /** Puts values in the place of the names that a row calls them by. */
  resolve(value: unknown): unknown {
    if (typeof value === 'string') return this.resolveText(value)
    if (Array.isArray(value)) return value.map((item) => this.resolve(item))
    if (typeof value !== 'object' || value === null) return value
    const { $jwk, $times, $of, $depth, ...rest } = value as Record<string, unknown>
    if (typeof $times === 'number') return Array.from({ length: $times }, () => this.resolve($of))
    if (typeof $depth === 'number') return JSON.parse(`${'['.repeat($depth)}${']'.repeat($depth)}`)
    const base = typeof $jwk === 'string' ? Object.entries(this.key($jwk).jwk) : []
    const members = new Map<string, unknown>([
      ...base,
      ...Object.entries(rest).map(([name, item]) => [name, this.resolve(item)] as const),
    ])
    return Object.fromEntries([...members].filter(([, item]) => item !== undefined))
  }

  private resolveText(text: string): unknown {
    if (text === '$absent') return undefined
    const time = /^\$now([+-][\d.]+)?(ms)?$/.exec(text)
    if (time !== null) return (start + Number(time[1] ?? 0)) * (time[2] ? 1000 : 1)
    const repeated = /^\$repeat (.+) (\d+)$/.exec(text)
    if (repeated !== null) return repeated[1]!.repeat(Number(repeated[2]))
    return text
      .replaceAll('$userPoolId', userPoolId)
      .replaceAll('$otherPoolId', otherPoolId)
      .replaceAll('$clientId', clientId)
      .replaceAll('$otherClientId', otherClientId)
      .replaceAll('$issuer', issuerName)
      .replaceAll('$regionalIssuer', regionalIssuerName)
      .replaceAll('$otherIssuer', otherIssuerName)
  }
}
