import { getProviderName } from '../cognito-identity/identities.ts'
import { identityArnRules, identityPoolNameRules } from '../cognito-identity/pools.ts'
import { createMap, type JsonObject } from '../json.ts'
import type { IdentityPoolState, PoolState } from '../state/index.ts'
import type { World } from '../world.ts'
import { checkFlag, checkList, checkMembers, checkObject, checkOptionalText, checkText, refuse } from './check.ts'

/** The identity pool of a local pool. */
export interface LocalIdentityPool {
  /** Default: the region, a colon and a UUID. */
  readonly identityPoolId?: string | undefined
  /** Default: its id, with `-` for the colon. */
  readonly name?: string | undefined
  /** Whether GetOpenIdToken serves, so that identities may choose among all roles that trust the pool. Default false. */
  readonly allowClassicFlow?: boolean | undefined
  /** Whether there are identities without a login. Default false. */
  readonly allowUnauthenticated?: boolean | undefined
  /** The app clients of the user pool whose ID tokens count. Default: the main client. */
  readonly clientIds?: readonly string[] | undefined
  /** Whether tokens of users that are gone or disabled are refused. Default false. */
  readonly serverSideTokenCheck?: boolean | undefined
  /** ARNs of the roles for those whom no role mapping gives another. Default: none. */
  readonly roles?:
    | { readonly authenticated?: string | undefined; readonly unauthenticated?: string | undefined }
    | undefined
  /**
   * `token`: the role comes from the user's groups, by the ID token, and users without one are refused (type `Token` with
   * `AmbiguousRoleResolution: Deny`). Default: no role mapping, so that everybody gets `roles.authenticated`.
   */
  readonly roleMapping?: 'token' | undefined
}

/** The state of a pool's identity pool. Throws ConfigurationError, naming the option. */
export function createIdentityPoolState(
  { random, state }: World,
  pool: PoolState,
  mainClientId: string,
  given: LocalIdentityPool | undefined,
): IdentityPoolState {
  const path = 'identityPool'
  const details: JsonObject = given === undefined ? {} : checkObject(path, given)
  checkMembers(path, details, memberNames())
  const generated = `${pool.region}:${random.uuid()}`
  const identityPoolId = checkId(pool, details['identityPoolId']) ?? generated
  if (state.identityPools[identityPoolId] !== undefined) {
    refuse(`${path}.identityPoolId`, 'the world has an identity pool of this id already.')
  }
  const serverSideTokenCheck = checkFlag(`${path}.serverSideTokenCheck`, details['serverSideTokenCheck'], false)
  const clientIds = checkClientIds(pool, details['clientIds'] ?? [mainClientId])
  const name = checkOptionalText(`${path}.name`, details['name'], identityPoolNameRules())
  const providerName = getProviderName(pool)
  const { roleMapping } = details
  if (roleMapping !== undefined && roleMapping !== 'token') refuse(`${path}.roleMapping`, 'expected token, or nothing.')
  return {
    identityPoolId,
    region: pool.region,
    settings: {
      IdentityPoolName: name ?? identityPoolId.replace(':', '-'),
      AllowUnauthenticatedIdentities: checkFlag(`${path}.allowUnauthenticated`, details['allowUnauthenticated'], false),
      AllowClassicFlow: checkFlag(`${path}.allowClassicFlow`, details['allowClassicFlow'], false),
      IdentityPoolTags: {},
    },
    providers: clientIds.map((clientId) => ({ providerName, clientId, serverSideTokenCheck })),
    roles: checkRoles(details['roles'] ?? {}),
    roleMappings: createMap(
      roleMapping === 'token' ? clientIds.map((clientId) => [`${providerName}:${clientId}`, tokenMapping()]) : [],
    ),
    identities: createMap(),
    principalTags: createMap(),
  }
}

function checkId(pool: PoolState, identityPoolId: unknown): string | undefined {
  const path = 'identityPool.identityPoolId'
  const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
  const checked = checkOptionalText(path, identityPoolId, { pattern: new RegExp(`^[a-z0-9-]+:${uuid}$`) })
  if (checked !== undefined && !checked.startsWith(`${pool.region}:`)) {
    refuse(path, 'expected the region of the user pool.')
  }
  return checked
}

function checkClientIds({ clients }: PoolState, clientIds: unknown): readonly string[] {
  return checkList('identityPool.clientIds', clientIds).map((clientId, index) => {
    if (typeof clientId === 'string' && clients[clientId] !== undefined) return clientId
    return refuse(`identityPool.clientIds[${index}]`, `not a client of this pool: ${Object.keys(clients).join(', ')}.`)
  })
}

function checkRoles(given: unknown): Readonly<Record<string, string>> {
  const path = 'identityPool.roles'
  const roles = checkObject(path, given)
  checkMembers(path, roles, ['authenticated', 'unauthenticated'])
  const entries = Object.entries(roles).filter(([, arn]) => arn !== undefined)
  return createMap(entries.map(([kind, arn]) => [kind, checkText(`${path}.${kind}`, arn, identityArnRules())]))
}

function tokenMapping(): JsonObject {
  return { Type: 'Token', AmbiguousRoleResolution: 'Deny' }
}

function memberNames(): readonly string[] {
  return [
    'identityPoolId',
    'name',
    'allowClassicFlow',
    'allowUnauthenticated',
    'clientIds',
    'serverSideTokenCheck',
    'roles',
    'roleMapping',
  ]
}
