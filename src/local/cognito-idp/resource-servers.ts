import { listOf, readMember, readOptional, readText, scopeRules, structure, text, type TextRules } from '../input.ts'
import { createMap, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'
import type { PoolState, ResourceServerState, State } from '../state/index.ts'
import { readPool } from './directory.ts'

/** Cognito's quota of resource servers in a pool. */
const maxServers = 25

/** The operations on resource servers, whose scopes app clients may be granted. */
export function resourceServerOperations(): Operations {
  return {
    'cognito-idp.CreateResourceServer': createServer,
    'cognito-idp.DeleteResourceServer': deleteServer,
    'cognito-idp.DescribeResourceServer': (state, input, context) => {
      const pool = readPool(state, input, context)
      return { ResourceServer: describe(pool, readServer(pool, input)) }
    },
    'cognito-idp.ListResourceServers': listServers,
    'cognito-idp.UpdateResourceServer': updateServer,
  }
}

/** The resource servers that some scopes of clients need, for pools that are set up with such clients. */
export function serversOf(scopes: readonly string[]): Record<string, ResourceServerState> {
  const servers = createMap<ResourceServerState>()
  for (const scope of new Set(scopes)) {
    const [, identifier, name] = /^(.+)\/([^/]+)$/.exec(scope) ?? []
    if (identifier === undefined || name === undefined) continue
    const held = servers[identifier] ?? { identifier, name: identifier, scopes: [] }
    servers[identifier] = { ...held, scopes: [...held.scopes, { ScopeName: name, ScopeDescription: name }] }
  }
  return servers
}

/** Whether a scope, such as `orders/read`, is one of a resource server of this pool. */
export function isScope({ resourceServers }: PoolState, scope: string): boolean {
  const slash = scope.lastIndexOf('/')
  const server = resourceServers[scope.slice(0, Math.max(slash, 0))]
  return server?.scopes.some(({ ScopeName }) => ScopeName === scope.slice(slash + 1)) ?? false
}

function createServer(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const server = { identifier: readText(input, 'Identifier', scopeRules()), ...readDetails(input) }
  if (pool.resourceServers[server.identifier] !== undefined) {
    throw invalidParameter(`${server.identifier} already exists in user pool ${pool.userPoolId}.`)
  }
  if (Object.keys(pool.resourceServers).length >= maxServers) {
    throw new ServiceError('LimitExceededException', 'The pool has as many resource servers as it may have.')
  }
  pool.resourceServers[server.identifier] = server
  return { ResourceServer: describe(pool, server) }
}

/** Replaces the name and all scopes. */
function updateServer(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const { identifier } = readServer(pool, input)
  const server = { identifier, ...readDetails(input) }
  pool.resourceServers[identifier] = server
  return { ResourceServer: describe(pool, server) }
}

function deleteServer(state: State, input: JsonObject, context: Context): undefined {
  const pool = readPool(state, input, context)
  delete pool.resourceServers[readServer(pool, input).identifier]
}

function listServers(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const page = readPage(input, Object.values(pool.resourceServers), ({ identifier }) => identifier, {
    token: 'NextToken',
    limit: 'MaxResults',
    min: 1,
    max: 50,
    scope: ['ListResourceServers', pool.userPoolId],
  })
  return { ResourceServers: page.items.map((server) => describe(pool, server)), ...page.next }
}

function readServer(pool: PoolState, input: JsonObject): ResourceServerState {
  const server = pool.resourceServers[readText(input, 'Identifier', scopeRules())]
  if (server === undefined) throw new ServiceError('ResourceNotFoundException', 'Resource server does not exist.')
  return server
}

function readDetails(input: JsonObject): Pick<ResourceServerState, 'name' | 'scopes'> {
  const scope = structure(
    {
      ScopeName: text({ min: 1, max: 256, pattern: /^[\x21\x23-\x2e\x30-\x5b\x5d-\x7e]+$/ }),
      ScopeDescription: text({ min: 1, max: 256 }),
    },
    ['ScopeName', 'ScopeDescription'],
  )
  const scopes = (readOptional(input, 'Scopes', listOf(scope, 100)) ?? []).map(({ ScopeName, ScopeDescription }) => {
    return { ScopeName: String(ScopeName), ScopeDescription: String(ScopeDescription) }
  })
  if (new Set(scopes.map(({ ScopeName }) => ScopeName)).size < scopes.length) {
    throw invalidParameter('Duplicate scope names found.')
  }
  return { name: readMember(input, 'Name', text(serverNameRules())), scopes }
}

function serverNameRules(): TextRules {
  return { min: 1, max: 256, pattern: /^[\w\s+=,.@-]+$/ }
}

/** A `ResourceServerType`. */
function describe({ userPoolId }: PoolState, { identifier, name, scopes }: ResourceServerState): JsonObject {
  return { UserPoolId: userPoolId, Identifier: identifier, Name: name, Scopes: scopes }
}
