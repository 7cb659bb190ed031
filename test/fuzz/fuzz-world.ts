import { issuersOf } from '../../src/keys/issuers.ts'
import type { AnswerSpec } from '../security/row.ts'
import { type Keys, otherPoolId, World } from '../security/world.ts'
import { userPoolId } from '../support/issuer.ts'
import type { Random } from '../support/random.ts'

/** Which keys each issuer has. */
const published: readonly (readonly [userPoolId: string, names: readonly string[]])[] = [
  [userPoolId, ['key-1', 'key-2']],
  [otherPoolId, ['other']],
]

/** Whatever an issuer may answer that is no key set. */
const faults: readonly AnswerSpec[] = [
  { status: 302, headers: { location: 'https://evil.example' } },
  { status: 403 },
  { status: 404, text: 'no' },
  { status: 429, headers: { 'retry-after': '1' } },
  { status: 500, text: '<html>' },
  { text: '' },
  { text: '{' },
  { text: 'null' },
  { json: {} },
  { json: { keys: {} } },
  { json: { keys: [] } },
  { json: { keys: [null, 1, 'x', [], {}, { kid: 'key-1' }, { kid: 'key-1', kty: 'RSA', n: '!', e: 'AQAB' }] } },
  { json: { keys: [{ $jwk: 'stranger', kid: 'key-1', use: 'enc' }] } },
  { json: { keys: [{ $jwk: 'stranger', kid: 'key-1', alg: 'PS256' }] } },
  {
    json: {
      keys: [
        { $jwk: 'stranger', kid: 'key-1' },
        { $jwk: 'stranger', kid: 'key-1' },
      ],
    },
  },
  { json: { keys: [{ $jwk: 'stranger', kid: 'key-1' }] }, status: 203 },
  { json: { keys: [{ $jwk: 'stranger', kid: 'key-1' }] }, filler: 100_000 },
  { broken: true },
  { never: 'answer' },
  { json: { keys: [] }, never: 'body' },
  { text: '{', never: 'end' },
]

/** Issuers that answer by chance, on a clock that nobody has to wait for. */
export class FuzzWorld extends World {
  /** How many of ten answers are key sets. */
  readonly health: number

  constructor(keys: Keys, random: Random) {
    super(keys)
    this.health = random.pick([10, 10, 8, 5, 0])
    this.respond = ({ url }) => (random.below(10) < this.health ? this.keySetOf(url) : this.faulty(random.pick(faults)))
  }

  /** Every sleep takes a few turns of the event loop, whatever its length. */
  override readonly sleep = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    const until = this.time + milliseconds
    for (let turn = 1; turn <= 4 && signal?.aborted !== true; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      this.time = Math.max(this.time, until - (milliseconds * (4 - turn)) / 4)
    }
  }

  private keySetOf(url: string): Response {
    const [, names = []] = published.find(([id]) => issuersOf(id).some((issuer) => url.startsWith(`${issuer}/`))) ?? []
    return Response.json({ keys: names.map((name) => this.key(name).jwk) })
  }

  private faulty(spec: AnswerSpec): Response | Promise<Response> {
    return this.answerOf(spec)
  }

  /** The names of the keys that may ever sign for an issuer. */
  static keysOf(issuer: unknown): readonly string[] {
    return published.find(([id]) => issuersOf(id).some((name) => name === issuer))?.[1] ?? []
  }
}
