/** How a token is made: claims, then their JSON text, its encoding, a signature, and what happens to the whole. */
export interface TokenSpec {
  /** Whose claims to begin with. Default `access`. */
  readonly use?: 'access' | 'id' | 'machine' | 'none'
  /** Put over the claims; `$absent` takes one away. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Put over `alg` and `kid`. */
  readonly header?: Readonly<Record<string, unknown>>
  /** What to replace in the JSON text of a part, before it is encoded and signed. An empty text stands for its begin. */
  readonly headerEdit?: readonly [find: string, replacement: string]
  readonly payloadEdit?: readonly [find: string, replacement: string]
  /** Bytes, in hexadecimal digits, that take the place of `@@` in the payload. */
  readonly payloadBytes?: string
  /** What is done to the base64url of a part; the signature is made afterwards, and is valid for the result. */
  readonly encoding?: Readonly<Partial<Record<'header' | 'payload' | 'signature', string>>>
  /** How the token is signed. Default `RS256`. */
  readonly sign?: string
  /** The name of the key that signs. Default `key-1`. */
  readonly key?: string
  /** What is done to the parts in the end. */
  readonly shape?: string
}

/** What an issuer answers when it is asked for its keys. */
export interface AnswerSpec {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; `{ "$jwk": name }` stands for the public key of that name. */
  readonly json?: unknown
  readonly text?: string
  /** How many bytes to put behind it. */
  readonly filler?: number
  /** What never comes: any answer at all, the end of the body, or the end of more and more of it. */
  readonly never?: 'answer' | 'body' | 'end'
  /** The connection breaks. */
  readonly broken?: boolean
}

/** A request; `{name}` in a header field stands for the token of that name. */
export interface RequestSpec {
  readonly method?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** One move: time passes, the issuer changes, or a request is sent and answered. */
export interface Step {
  /** Seconds. */
  readonly pass?: number
  /** The names of the keys that the issuer has from now on. */
  readonly keys?: readonly string[]
  /** What the issuer answers from now on. */
  readonly answer?: AnswerSpec
  /** The name of the token of a request without a `request` of its own. Default `token`. */
  readonly send?: string
  readonly request?: RequestSpec
  /** `accepted`, or the code of the refusal. */
  readonly expect?: string
  /** How often issuers have been asked until then. */
  readonly fetches?: number
}

/** What the verifier is set up with. */
export interface Setting {
  readonly options: Readonly<Record<string, unknown>>
  /**
   * How the request comes in: by header and, where it is a plain token, directly too (`token`), by header only, to a table
   * of handlers (`table`), where login is optional, where only users are admitted, or as a pair.
   */
  readonly entry: 'token' | 'header' | 'table' | 'optional' | 'users' | 'pair'
}

/** One hostile thing to do, and the one acceptable answer. */
export interface Row extends Setting {
  readonly id: string
  /** What rows have in common that were written down as one. */
  readonly family: string
  /** The row of HOSTILE.md. */
  readonly about: string
  /** What a verifier must know of for the row to mean anything to it. */
  readonly needs: readonly string[]
  readonly tokens: Readonly<Record<string, TokenSpec>>
  readonly steps: readonly Step[]
}
