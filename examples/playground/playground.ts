import { createServer } from 'node:net'
import { createGuard, defineGroups } from '../../src/index.ts'
import { createLocalPool } from '../../src/local/index.ts'
import { groupDetail } from '../group-detail.ts'
import { createCallers } from './callers.ts'
import { startEdge } from './edge.ts'
import { createPageService, readPageFiles } from './page-service.ts'
import type { Scene, SceneRoute } from './page/scene.ts'
import { printout } from './printout.ts'
import { readSettings, samplePassword, sampleUsers } from './settings.ts'

/** The running app. */
export interface Running {
  /** What to tell the person at the terminal. */
  readonly printout: string
  stop(): Promise<void>
}

/** Starts the app of wrangler.toml, before a local pool unless the settings name another. Throws StartError. */
export async function startPlayground(
  { port: wanted }: { readonly port: number },
  env: Readonly<Record<string, string | undefined>>,
): Promise<Running> {
  const settings = readSettings(env)
  const { userPoolId, clientId } = settings
  const groups = defineGroups(groupDetail)
  // The addresses that managed login may lead back to hold the port.
  const port = wanted === 0 ? await findPort() : wanted
  const app = `http://localhost:${port}`
  const domain = settings.local ? `${app}/${userPoolId}` : settings.domain
  const pool = settings.local
    ? await createLocalPool({
        userPoolId,
        clientId,
        groups: [...new Set([...groups.names, ...sampleUsers.flatMap((user) => user.groups)])],
        passkeys: { relyingPartyId: 'localhost' },
        users: sampleUsers.map((user) => ({
          ...user,
          password: samplePassword,
          ...(user.email !== undefined && { mfa: ['EMAIL_OTP'] as const }),
        })),
        clients: [
          {
            clientId,
            hideUnknownUsers: true,
            callbackUrls: [`${app}/auth/callback`],
            logoutUrls: [`${app}/auth/logout`],
            authFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
          },
        ],
      })
    : undefined
  const callers = pool === undefined ? [] : createCallers(pool, groups.names)
  const permissions = await readRoutes(groups)
  const administration =
    pool === undefined ? [] : adminCalls(permissions.find(({ name }) => name === guardedBy)?.access)
  const scene: Scene = {
    userPoolId,
    isLocal: settings.local,
    hasManagedLogin: domain !== undefined,
    groups: groups.names,
    permissions,
    administration,
    callers,
  }
  const guard = createGuard({ userPoolId, clientId, groups, ...pool?.settings })
  const files = await readPageFiles()
  const page = createPageService({ files, scene, callers, guard, domain, outbox: () => pool?.outbox ?? [] })
  const { url, stop } = await startEdge({ port, settings, page, domain, cognito: pool })
  return { printout: printout({ url, settings, scene, callers }), stop }
}

/** A free port, which nobody else is likely to take in the next second. */
function findPort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** The routes of the app, and which group may call them. */
async function readRoutes(groups: ReturnType<typeof defineGroups>): Promise<Scene['permissions']> {
  const matrix = groups.matrix()
  return (await appRoutes()).map((route) => {
    if (!groups.knows(route.name)) return route
    return {
      ...route,
      access: Object.fromEntries(groups.names.map((group) => [group, matrix[group]?.[route.name] ?? 'deny'])),
    }
  })
}

/** A route of the app. */
interface AppRoute {
  /** The last segment of the path: by the convention of the example, the permission that the route stands for. */
  readonly name: string
  readonly method: string
  readonly path: string
}

/** The routes of the example app below `/api/`, in its own order. */
async function appRoutes(): Promise<readonly AppRoute[]> {
  // Once the package is built: the example imports it by its name.
  const { default: app } = await import('../worker.ts')
  const routes = new Map<string, AppRoute>()
  for (const { method, path } of app.routes) {
    const name = /^\/api\/([^/*:]+)$/.exec(path)?.[1]
    if (name !== undefined && method !== 'ALL') routes.set(`${method} ${path}`, { name, method, path })
  }
  return [...routes.values()]
}

/** Somebody who may not call `admin_panel`, and the group whose members may. */
const subject = { username: 'bob', group: 'Group1' }

/** The permission of the map that guards the whole admin API. */
const guardedBy = 'admin_panel'

/** Calls of the admin API, ready to be made, and who may make them. */
function adminCalls(access: SceneRoute['access']): readonly SceneRoute[] {
  const { username, group } = subject
  const calls = [
    ['list-groups', 'GET', '/admin/groups'],
    ['list-members', 'GET', `/admin/groups/${group}/members`],
    [`add-${username}`, 'PUT', `/admin/groups/${group}/members/${username}`],
    [`remove-${username}`, 'DELETE', `/admin/groups/${group}/members/${username}`],
  ] as const
  return calls.map(([name, method, path]) => ({ name, method, path, access, guardedBy }))
}
