import { mint } from '../security/mint.ts'
import { mutationNames } from '../security/mutations.ts'
import type { TokenSpec } from '../security/row.ts'
import type { World } from '../security/world.ts'
import type { Random } from '../support/random.ts'

const values: readonly unknown[] = [
  ...['$absent', null, '', 'x', 0, 1, -1, '$now', '$now+1', '$now-1', '$now+0.5', '$now+90000', 1e300, true, [], {}],
  ...[['$clientId'], ['a', 1], ['admin'], ['viewer', 'banned'], ['unknown'], '$clientId', '$otherClientId', '$issuer'],
  ...['$otherIssuer', '$regionalIssuer', 'access', 'id', 'posts/read posts/write', { $depth: 50 }, '$repeat y 4000'],
  ...['https://api.example', '\r\nset-cookie: x=1', '"', '\u0000', '\ud800', '\u202e', '__proto__'],
]

const claims = [
  ...['exp', 'iat', 'nbf', 'iss', 'sub', 'aud', 'client_id', 'username', 'cognito:username', 'cognito:groups', 'scope'],
  ...['token_use', 'jti', 'origin_jti', 'auth_time', 'acr', 'constructor', 'toString', 'email', 'email_verified'],
]

const headers: readonly Readonly<Record<string, unknown>>[] = [
  ...[{}, { typ: 'JWT' }, { typ: 'at+jwt' }, { kid: 'key-2' }, { kid: '__proto__' }, { kid: 'unknown' }, { kid: 7 }],
  ...[{ crit: ['b64'], b64: false }, { b64: true }, { alg: 'none' }, { alg: 'HS256' }, { alg: 'RS384' }, { alg: null }],
  ...[{ jwk: { $jwk: 'stranger' } }, { jku: 'https://evil.example' }, { kid: '$repeat k 9000' }, { kid: '$absent' }],
]

const signers = ['none', 'HS256 by JWK', 'HS256 by PEM', 'HS256 by DER', 'RS384', 'PS256', 'borrowed']

/** Makes a token by chance: as issued, of other claims, headers, keys and algorithms, or badly encoded. */
export function randomToken(random: Random, world: World): Promise<string> {
  const use = random.pick(['access', 'access', 'id', 'machine'] as const)
  if (random.below(2) === 0) return mint({ use, key: random.pick(['key-1', 'key-2']) }, world)
  const { encodings, shapes } = mutationNames()
  const chance = (one: number) => random.below(one) === 0
  const changed = Array.from({ length: random.below(3) }, () => [random.pick(claims), random.pick(values)] as const)
  const late = chance(5)
    ? random.pick([{ exp: '$now-2' }, { exp: '$now+30' }, { exp: '$now+5' }, { nbf: '$now+30' }])
    : {}
  const theirs = chance(5) ? { iss: '$otherIssuer', [use === 'id' ? 'aud' : 'client_id']: '$otherClientId' } : {}
  const spec: TokenSpec = {
    use,
    claims: { ...theirs, ...late, ...Object.fromEntries(changed) },
    header: { z: '\u00ff\u00ff?>~\u00ff\u00ff', ...random.pick(headers) },
    key: random.pick(['key-1', 'key-1', 'key-2', 'stranger', 'other']),
    ...(chance(4) && { sign: random.pick(signers) }),
    ...(chance(8) && { encoding: { [random.pick(['header', 'payload'])]: random.pick(encodings) } }),
    ...(chance(10) && { shape: random.pick(shapes) }),
  }
  return mint(spec, world)
}

const letters = [...'AZaz09-_.+/= \n\u0000\u00e9,;']

/** Changes the text of a token by chance, or gives another text instead. */
export function mutateText(token: string, random: Random): string {
  const at = random.below(token.length + 1)
  const letter = random.pick(letters)
  const [header = '', payload = '', signature = ''] = token.split('.')
  const junk = () => Array.from({ length: random.below(200) }, () => random.pick(letters)).join('')
  return random.pick([
    () => token.slice(0, at) + letter + token.slice(at + 1),
    () => token.slice(0, at) + letter + token.slice(at),
    () => token.slice(0, at) + token.slice(at + 1),
    () => token.slice(0, at),
    () => token + letter,
    () => `${header}.${payload}.${signature.slice(0, -1)}${letter}`,
    () => `${payload}.${header}.${signature}`,
    () => token.toLowerCase(),
    () => token.repeat(30),
    () => 'A'.repeat(random.pick([1, 16_384, 16_385, 300_000])),
    () => `${btoa(junk().replace(/[^ -~]/g, ''))}.${btoa('{}')}.${junk()}`,
    junk,
  ])()
}
