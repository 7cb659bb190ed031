import { groupDetail } from '../../examples/group-detail.ts'
import type { Scene } from '../../examples/page/scene.ts'
import { createGuard, defineGroups } from '../../src/index.ts'
import { createLocalPool } from '../../src/local/index.ts'
import { adminCalls, guardedBy } from './admin-api.ts'
import { appRoutes } from './app-routes.ts'
import { createCallers } from './callers.ts'
import { startEdge } from './edge.ts'
import type { StartOptions } from './options.ts'
import { readPageFiles } from './page-files.ts'
import { createPageService } from './page-service.ts'
import { printout } from './printout.ts'
import { sampleUsers } from './sample.ts'
import { readSettings } from './settings.ts'

/** The running app. */
export interface Running {
  /** What to tell the person at the terminal. */
  readonly printout: string
  stop(): Promise<void>
}

const tokenLife = 3600

/** Starts the app of wrangler.toml, before a local pool unless the settings name another. Throws StartError. */
export async function start(
  { port }: StartOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Running> {
  const settings = readSettings(env)
  const { userPoolId, clientId } = settings
  const groups = defineGroups(groupDetail)
  const pool = settings.local
    ? await createLocalPool({
        userPoolId,
        clientId,
        groups: [...new Set([...groups.names, ...sampleUsers.flatMap((user) => user.groups)])],
        users: sampleUsers,
      })
    : undefined
  const callers = pool === undefined ? [] : createCallers(pool, groups.names)
  const permissions = await sceneFunctions(groups)
  const administration =
    pool === undefined ? [] : adminCalls(permissions.find(({ name }) => name === guardedBy)?.access)
  const scene: Scene = { userPoolId, groups: groups.names, permissions, administration, callers }
  const guard = createGuard({ userPoolId, clientId, groups, ...pool?.settings })
  const files = await readPageFiles()
  const page = createPageService({ files, scene, callers, guard })
  const { url, stop } = await startEdge({ port, settings, page, cognito: pool?.fetch })
  const expiresAt = new Date(Date.now() + tokenLife * 1000)
  return { printout: await printout({ url, settings, scene, callers, expiresAt }), stop }
}

/** The routes of the app, and which group may call them. */
async function sceneFunctions(groups: ReturnType<typeof defineGroups>): Promise<Scene['permissions']> {
  const matrix = groups.matrix()
  return (await appRoutes()).map((route) => {
    if (!groups.knows(route.name)) return route
    return {
      ...route,
      access: Object.fromEntries(groups.names.map((group) => [group, matrix[group]?.[route.name] ?? 'deny'])),
    }
  })
}
