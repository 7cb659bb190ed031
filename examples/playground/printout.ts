import type { Caller } from './callers.ts'
import type { Scene } from './page/scene.ts'
import { type Settings, samplePassword } from './settings.ts'

export interface PrintoutOptions {
  readonly url: URL
  readonly settings: Settings
  readonly scene: Scene
  readonly callers: readonly Caller[]
}

/** What stands in the terminal once the app runs: one screen, and no token. */
export function printout({ url, settings, scene, callers }: PrintoutOptions): string {
  const about = settings.local ? localPool(url, settings, scene, callers) : ownPool(url, settings, scene)
  return [`Listening on ${url}`, '', ...about, '', 'Ctrl-C stops.', ''].join('\n')
}

function localPool(url: URL, { userPoolId }: Settings, scene: Scene, callers: readonly Caller[]): string[] {
  const users = callers.filter(({ id, name }) => id === name)
  const rows = users.map((caller) => [caller.name, caller.about, describeAccess(caller, scene)])
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)))
  const [first] = users
  return [
    'Open it in a browser: the page shows why each call is allowed or refused.',
    `A local user pool, ${userPoolId}, takes the place of Cognito. Its users:`,
    '',
    ...rows.map(([name = '', groups = '', may = '']) => {
      return `  ${name.padEnd(widths[0] ?? 0)}  ${groups.padEnd(widths[1] ?? 0)}  ${may}`
    }),
    '',
    `Their password is ${samplePassword}`,
    `Managed login, with a session: ${new URL('account', url)}   Pages of the app's own: ${new URL('sign-in/', url)}`,
    '',
    'In the terminal, with a fresh token for each call (change the name and the path):',
    '',
    ...(first === undefined ? [] : [`  ${curlLine(first, scene, url)}`]),
    '',
    'To use your own user pool, set COGNITO_USER_POOL_ID and COGNITO_CLIENT_ID in wrangler.toml.',
  ]
}

function ownPool(url: URL, { userPoolId, clientId }: Settings, { permissions, hasManagedLogin }: Scene): string[] {
  return [
    ...(hasManagedLogin ? [`Managed login, with a session: ${new URL('account', url)}`] : []),
    `Callers need an access token of your user pool ${userPoolId}, client ${clientId}.`,
    `Sign in at ${new URL('sign-in/', url)} for one, or paste one into the page, or into this line:`,
    '',
    `  curl -i ${new URL(permissions[0]?.path ?? '', url)} -H 'Authorization: Bearer <access token>'`,
  ]
}

function describeAccess(caller: Caller, scene: Scene): string {
  const allowed = allowedTo(caller, scene)
  return allowed.length === 0 ? 'has no permission' : `may call ${allowed.map(({ name }) => name).join(', ')}`
}

function allowedTo(caller: Caller, { permissions }: Scene): Scene['permissions'] {
  return permissions.filter(({ access }) => caller.groups.some((group) => access?.[group] === 'allow'))
}

function curlLine(caller: Caller, scene: Scene, url: URL): string {
  const { method, path } = allowedTo(caller, scene)[0] ?? scene.permissions[0] ?? { method: 'GET', path: '/' }
  const verb = method === 'GET' ? '' : ` -X ${method}`
  const token = `$(curl -s ${url.host}/__start/tokens/${caller.id})`
  return `curl -i${verb} ${url.host}${path} -H "Authorization: Bearer ${token}"`
}
