import type { Scene } from '../../examples/page/scene.ts'
import type { Caller } from './callers.ts'
import type { Settings } from './settings.ts'

export interface PrintoutOptions {
  readonly url: URL
  readonly settings: Settings
  readonly scene: Scene
  readonly callers: readonly Caller[]
  /** When tokens issued now end. */
  readonly expiresAt: Date
}

/** What stands in the terminal once the app runs. */
export async function printout({ url, settings, scene, callers, expiresAt }: PrintoutOptions): Promise<string> {
  const users = callers.filter(({ id, name }) => id === name)
  const lines = [`Listening on ${url}`, '']
  if (settings.local) {
    lines.push(
      `A local user pool, ${settings.userPoolId}, stands in for Cognito. The page shows why each call is allowed or`,
      `refused, with fresh tokens; those below end at ${expiresAt.toLocaleTimeString('en-GB')}. For a pool of your own set`,
      'COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID in wrangler.toml.',
      '',
    )
  } else {
    lines.push(
      `Callers need an access token of your user pool ${settings.userPoolId}, client ${settings.clientId}.`,
      'Paste one into the page, or into this line:',
      '',
      `curl -i ${new URL(scene.permissions[0]?.path ?? '', url)} -H 'Authorization: Bearer <access token>'`,
      '',
    )
  }
  for (const caller of users) lines.push(...(await userLines(caller, scene, url)), '')
  return [...lines, 'Ctrl-C stops.', ''].join('\n')
}

async function userLines(caller: Caller, { permissions }: Scene, url: URL): Promise<string[]> {
  const open = permissions.filter(({ access }) => caller.groups.some((group) => access?.[group] === 'allow'))
  const shown = open[0] ?? permissions.find(({ access }) => access !== undefined)
  const may =
    open.length === 0
      ? 'may call none of the permissions, so this is refused'
      : `may call ${open.map(({ name }) => name).join(', ')}`
  const token = await caller.token()
  if (shown === undefined) return [`${caller.name}, ${caller.about}`, token]
  const method = shown.method === 'GET' ? '' : ` -X ${shown.method}`
  return [
    `${caller.name}, ${caller.about}: ${may}`,
    token,
    `curl -i${method} ${new URL(shown.path, url)} -H 'Authorization: Bearer ${token}'`,
  ]
}
