import { isNull, readText } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, type PreparedOperation, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'
import { managedLoginHost } from '../hosts.ts'
import type { PasskeySettings, PasskeyState, PoolState, State, UserState } from '../state/index.ts'
import { readSignedIn, verifyAccessToken, withUser, type SignedIn } from './access-token.ts'
import { findClient } from './clients.ts'
import { listUsersBy, putUser } from './directory.ts'
import {
  algorithms,
  CeremonyError,
  type CeremonyFault,
  encode,
  readCredentialId,
  type Registered,
  verifyAssertion,
  verifyRegistration,
} from './webauthn.ts'

/** How many passkeys a user may have. */
const maxPasskeys = 20
/** How long a registration may take, in milliseconds. */
const registrationLife = 300_000

/** The operations of users on their passkeys. */
export function passkeyOperations(): Operations {
  return {
    'cognito-idp.CompleteWebAuthnRegistration': completeRegistration(),
    'cognito-idp.DeleteWebAuthnCredential': withUser(deletePasskey),
    'cognito-idp.ListWebAuthnCredentials': withUser(listPasskeys),
    'cognito-idp.StartWebAuthnRegistration': withUser(startRegistration),
  }
}

/** What the browser's `navigator.credentials.create` is given, as JSON. */
function startRegistration(signedIn: SignedIn, _: JsonObject, context: Context): JsonObject {
  return offerPasskey(signedIn, context)
}

/** The same for whoever is known to be the user. */
export function offerPasskey({ pool, user, client }: Registering, context: Context): JsonObject {
  const settings = readEnabled(pool)
  const rpId = relyingPartyOf(pool)
  const challenge = createChallenge(context)
  const until = context.now + registrationLife
  putUser(pool, { ...user, passkeyChallenge: { challenge, clientId: client.clientId, until } })
  const { username, attributes } = user
  const CredentialCreationOptions = {
    challenge,
    rp: { id: rpId, name: rpId },
    user: { id: userHandleOf(user), name: username, displayName: attributes['name'] ?? username },
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    timeout: 60_000,
    excludeCredentials: describeAllowed(user),
    authenticatorSelection: {
      requireResidentKey: true,
      residentKey: 'required',
      userVerification: settings.userVerification,
    },
  }
  return { CredentialCreationOptions }
}

/** Registration has to be judged by Web Crypto before it is stored. */
function completeRegistration(): PreparedOperation {
  return {
    async prepare(state, input, keys, context) {
      const claims = await verifyAccessToken(String(input['AccessToken']), keys)
      const verdict = await judgeRegistration(readSignedIn(state, claims, context), input, context)
      return (current, sameInput, now) => {
        const signedIn = readSignedIn(current, claims, now)
        return register(signedIn, sameInput, now, verdict)
      }
    },
  }
}

/** Who registers a passkey, and by which client. */
type Registering = Pick<SignedIn, 'pool' | 'user' | 'client'>

/** Judges what the browser answered, to be stored by the function that it resolves to, which throws where it is refused. */
export async function completePasskey(
  signedIn: Registering,
  credential: unknown,
  context: Context,
): Promise<(now: Registering, context: Context) => JsonObject> {
  const input = { Credential: credential }
  const verdict = await judgeRegistration(signedIn, input, context)
  return (now, later) => register(now, input, later, verdict)
}

/** What the credential holds, or why it is refused. */
async function judgeRegistration(
  { pool, user }: Registering,
  input: JsonObject,
  { now }: Context,
): Promise<Registered | CeremonyError | undefined> {
  const credential = input['Credential']
  const pending = user.passkeyChallenge
  if (!isObject(credential) || pending === undefined || pending.until <= now || pool.passkeys === undefined) {
    return undefined
  }
  const needsVerification = pool.passkeys.userVerification === 'required'
  const expected = { challenge: pending.challenge, rpId: relyingPartyOf(pool), needsVerification }
  return refusalOf(verifyRegistration(credential, expected))
}

function register(
  { pool, user, client }: Registering,
  input: JsonObject,
  { now }: Context,
  verdict: Registered | CeremonyError | undefined,
): JsonObject {
  readEnabled(pool)
  const credential = input['Credential'] ?? undefined
  if (credential === undefined) throw isNull('credential')
  if (!isObject(credential)) throw invalidParameter('The credential is not a JSON object.')
  const { passkeyChallenge: pending, ...rest } = user
  if (pending === undefined || pending.until <= now || verdict === undefined) throw challengeNotFound()
  if (pending.clientId !== client.clientId) {
    throw new ServiceError('WebAuthnClientMismatchException', 'The registration was started by another app client.')
  }
  if (verdict instanceof CeremonyError) throw registrationRefusal(verdict)
  if (findOwner(pool, verdict.id) !== undefined) {
    throw new ServiceError('WebAuthnCredentialNotSupportedException', 'The credential is registered already.')
  }
  const { passkeys = [] } = rest
  if (passkeys.length >= maxPasskeys) {
    throw new ServiceError('LimitExceededException', `A user may have ${maxPasskeys} passkeys.`)
  }
  const passkey: PasskeyState = {
    ...verdict,
    name: `Passkey ${passkeys.length + 1}`,
    rpId: relyingPartyOf(pool),
    attachment: readAttachment(credential),
    transports: readTransports(credential),
    createdAt: now,
  }
  putUser(pool, { ...rest, passkeys: [...passkeys, passkey], updatedAt: now })
  return {}
}

function listPasskeys({ pool, user }: SignedIn, input: JsonObject): JsonObject {
  const page = readPage(
    input,
    user.passkeys ?? [],
    ({ createdAt, id }) => `${String(createdAt).padStart(16, '0')} ${id}`,
    {
      token: 'NextToken',
      limit: 'MaxResults',
      max: maxPasskeys,
      scope: ['ListWebAuthnCredentials', pool.userPoolId, user.username],
    },
  )
  const Credentials = page.items.map(({ id, name, rpId, attachment, transports, createdAt }) => ({
    CredentialId: id,
    FriendlyCredentialName: name,
    RelyingPartyId: rpId,
    ...(attachment !== undefined && { AuthenticatorAttachment: attachment }),
    AuthenticatorTransports: transports,
    CreatedAt: createdAt / 1000,
  }))
  return { Credentials, ...page.next }
}

function deletePasskey({ pool, user }: SignedIn, input: JsonObject, { now }: Context): JsonObject {
  const id = readText(input, 'CredentialId', { min: 1, max: 2048 })
  const { passkeys = [] } = user
  const left = passkeys.filter((passkey) => passkey.id !== id)
  if (left.length === passkeys.length) {
    throw new ServiceError('ResourceNotFoundException', 'The credential does not exist.')
  }
  putUser(pool, { ...user, passkeys: left, updatedAt: now })
  return {}
}

/** Whether this user can sign in with a passkey. With a second factor only where passkeys count as two factors. */
export function canUsePasskey(pool: PoolState, user: Pick<UserState, 'passkeys' | 'mfa' | 'passkeyMfa'>): boolean {
  if (pool.passkeys === undefined || (user.passkeys ?? []).length === 0) return false
  const needsTwo = pool.mfa === 'ON' || (pool.mfa === 'OPTIONAL' && user.mfa.length > 0)
  return !needsTwo || (pool.passkeys.isMultiFactor && user.passkeyMfa === true)
}

/** The parameters of the challenge `WEB_AUTHN`, and the challenge that its answer has to be signed with. */
export function createRequest(
  pool: PoolState,
  user: UserState,
  context: Context,
): { readonly parameters: JsonObject; readonly challenge: string } {
  const challenge = createChallenge(context)
  const CREDENTIAL_REQUEST_OPTIONS = JSON.stringify({
    challenge,
    timeout: 60_000,
    rpId: relyingPartyOf(pool),
    allowCredentials: describeAllowed(user),
    userVerification: needsVerification(pool, user) ? 'required' : (pool.passkeys?.userVerification ?? 'preferred'),
  })
  return { parameters: { CREDENTIAL_REQUEST_OPTIONS }, challenge }
}

/** What a passkey has shown: which it is, and how often it has signed. */
export interface PasskeyProof {
  readonly id: string
  readonly signCount: number
  readonly isUserVerified: boolean
}

/** Judges the answer to `WEB_AUTHN`; undefined where it is not right. Changes nothing, and never throws. */
export async function provePasskey(state: State, input: JsonObject): Promise<PasskeyProof | undefined> {
  const found = findClient(state, String(input['ClientId']), input['UserPoolId'])
  const entry = found?.pool.sessions[String(input['Session'])]
  const user = entry && found?.pool.users[entry.username]
  const credential = parseCredential(Object(input['ChallengeResponses'])['CREDENTIAL'])
  if (found === undefined || user === undefined || credential === undefined) return undefined
  const challenge = entry?.passkeyChallenge
  const id = readCredentialId(credential)
  const registered = user.passkeys?.find((passkey) => passkey.id === id)
  if (challenge === undefined || registered === undefined) return undefined
  const { pool } = found
  const expected = {
    challenge,
    rpId: relyingPartyOf(pool),
    needsVerification: needsVerification(pool, user),
    userHandle: userHandleOf(user),
  }
  const verdict = await refusalOf(verifyAssertion(credential, expected, registered))
  return verdict instanceof CeremonyError ? undefined : { id: registered.id, ...verdict }
}

/**
 * The user whose passkey has now signed so often; undefined where it has signed as often before, as a copy of a passkey
 * has (WebAuthn section 6.1.1). A passkey that does not count says 0 every time.
 */
export function withUsedPasskey(
  pool: PoolState,
  user: UserState,
  { id, signCount }: PasskeyProof,
): UserState | undefined {
  const held = user.passkeys?.find((passkey) => passkey.id === id)
  if (held === undefined || ((signCount > 0 || held.signCount > 0) && signCount <= held.signCount)) return undefined
  const passkeys = user.passkeys?.map((passkey) => (passkey.id === id ? { ...passkey, signCount } : passkey))
  const renewed = { ...user, passkeys }
  putUser(pool, renewed)
  return renewed
}

/** The domain that passkeys of the pool are good for: that of its settings, or of its managed login. */
export function relyingPartyOf({ passkeys, domain, domains, region }: PoolState): string {
  const own = Object.values(domains).find(({ certificateArn }) => certificateArn !== undefined)?.domain
  const host = passkeys?.rpId ?? own ?? (domain === undefined ? undefined : managedLoginHost(domain, region))
  if (host !== undefined) return host
  throw new ServiceError(
    'WebAuthnConfigurationMissingException',
    'Passkeys need a RelyingPartyId, or a domain of the user pool.',
  )
}

function readEnabled({ passkeys }: PoolState): PasskeySettings {
  if (passkeys !== undefined) return passkeys
  throw new ServiceError('WebAuthnNotEnabledException', 'Passkeys are not enabled for the user pool.')
}

function needsVerification({ passkeys }: PoolState, { passkeyMfa, mfa }: UserState): boolean {
  return passkeys?.userVerification === 'required' || (passkeyMfa === true && mfa.length > 0)
}

/** Whose passkey it is, whoever in the pool that may be. */
function findOwner(pool: PoolState, id: string): UserState | undefined {
  return listUsersBy(pool, `passkey:${id}`, { count: 1 })[0]?.[1]
}

/** The user of a passkey goes by the `sub`, which never changes. */
function userHandleOf({ attributes }: UserState): string {
  return encode(new TextEncoder().encode(attributes['sub'] ?? ''))
}

function describeAllowed({ passkeys = [] }: UserState): JsonObject[] {
  return passkeys.map(({ id, transports }) => ({ type: 'public-key', id, transports }))
}

function createChallenge({ random }: Context): string {
  const hex = random.hex(32)
  return encode(Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16)))
}

function parseCredential(value: unknown): JsonObject | undefined {
  try {
    const credential: unknown = typeof value === 'string' ? JSON.parse(value) : undefined
    return isObject(credential) ? credential : undefined
  } catch {
    return undefined
  }
}

function readAttachment({ authenticatorAttachment: given }: JsonObject): string | undefined {
  return given === 'platform' || given === 'cross-platform' ? given : undefined
}

function readTransports({ response }: JsonObject): readonly string[] {
  const transports = isObject(response) ? response['transports'] : undefined
  return Array.isArray(transports) ? transports.filter((one) => typeof one === 'string').slice(0, 10) : []
}

async function refusalOf<T>(ceremony: Promise<T>): Promise<T | CeremonyError> {
  try {
    return await ceremony
  } catch (error) {
    if (error instanceof CeremonyError) return error
    throw error
  }
}

function challengeNotFound(): ServiceError {
  return new ServiceError('WebAuthnChallengeNotFoundException', 'No registration was started, or it took too long.')
}

function registrationRefusal({ fault, message }: CeremonyError): ServiceError {
  const codes: Readonly<Record<CeremonyFault, string>> = {
    malformed: 'InvalidParameterException',
    challenge: 'WebAuthnChallengeNotFoundException',
    origin: 'WebAuthnOriginNotAllowedException',
    'relying-party': 'WebAuthnRelyingPartyMismatchException',
    unsupported: 'WebAuthnCredentialNotSupportedException',
    refused: 'WebAuthnCredentialNotSupportedException',
  }
  return new ServiceError(codes[fault], message)
}
