import { createGuard, defineGroups } from '../../src/index.ts'
import { createLogin, type LoginEvent, type LoginOptions, meRoute } from '../../src/login/index.ts'
import { protect } from '../../adapters/fetch/index.ts'
import { Browser, type Cognito, loginPool, scriptedCognito } from '../support/managed-login.ts'

export const secret = 'kq0vYc6tL9sWb2nRfUj7dEhGa3iOpXyZqTkM8Pz4mK1='
export const redirectUri = 'https://app.example.com/auth/callback'

export interface LoginApp {
  readonly cognito: Cognito
  readonly browser: Browser
  readonly login: ReturnType<typeof createLogin>
  readonly guard: ReturnType<typeof guardOf>
  readonly events: LoginEvent[]
  readonly app: (request: Request) => Promise<Response>
  /** How many requests reached a handler. */
  readonly handled: string[]
}

const groups = defineGroups(
  { editor: { allow: ['posts.*'] } },
  {
    permissions: ['posts.read', 'posts.publish', 'posts.purge', 'users.delete'],
    require: {
      'posts.publish': { auth_time: { maxAge: 300 } },
      'posts.purge': { acr: ['urn:cognito:loa:2'] },
    },
  },
)

function guardOf(cognito: Cognito, login: ReturnType<typeof createLogin>, more: object) {
  return createGuard({ ...cognito.pool.settings, groups, tokenSource: login.session, ...more })
}

/** The pool of all applications of a file that ask for no Cognito of their own: keys take time to make. Its clock only goes forward. */
let pool: ReturnType<typeof loginPool> | undefined

/** An application behind a login, at a scripted Cognito, and a browser in front. */
export async function loginApp(
  options: Partial<LoginOptions> = {},
  { cognito, guardOptions = {} }: { cognito?: Cognito; guardOptions?: object } = {},
): Promise<LoginApp> {
  pool ??= loginPool()
  const at = cognito ?? (await scriptedCognito(options.clientSecret, await pool))
  const events: LoginEvent[] = []
  const login = createLogin({
    ...at.pool.settings,
    domain: at.domain,
    redirectUri,
    secrets: secret,
    fetch: at.fetch,
    onEvent: (event) => void events.push(event),
    ...options,
  })
  const guard = guardOf(at, login, guardOptions)
  const handled: string[] = []
  const routes: Record<string, (request: Request) => Promise<Response>> = {}
  const route = (path: string, permission: Parameters<typeof protect>[1]) => {
    routes[path] = protect(guard, permission as 'posts.read', (request, { principal }) => {
      handled.push(`${request.method} ${new URL(request.url).pathname}`)
      return new Response(`hello ${principal.username}`)
    })
  }
  route('/', 'posts.read')
  route('/deep/link', 'posts.read')
  route('/publish', 'posts.publish')
  route('/purge', 'posts.purge')
  route('/users', 'users.delete')
  const app = async (request: Request) => {
    const own = await login.handle(request, { me: meRoute(guard) })
    const found = own ?? (await routes[new URL(request.url).pathname]?.(request))
    return found ?? new Response('not found', { status: 404 })
  }
  return { cognito: at, login, guard, events, app, browser: new Browser(app, at), handled }
}
