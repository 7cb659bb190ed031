/** What the examples of doc comments have around them, unless they say otherwise. */

declare const userPoolId: string
declare const clientId: string
declare const clientSecret: string
declare const identityPoolId: string
declare const accessKeyId: string
declare const secretAccessKey: string
declare const credentials: { accessKeyId: string; secretAccessKey: string }
declare const username: string
declare const password: string
declare const code: string
declare const accessToken: string
declare const browser: string
declare const credential: unknown
declare const request: Request
declare const env: { readonly STEP_SECRET: string }
declare const ownerOf: (post: string) => Promise<string>
declare const post: { readonly owner: string }
declare const readFile: typeof import('node:fs/promises').readFile

declare const groups: import('cognigate').Groups<
  'posts.read' | 'posts.write' | 'posts.edit',
  'viewer' | 'editor' | 'admin'
>
declare const groupsBefore: import('cognigate').Groups
declare const groupsAfter: import('cognigate').Groups
declare const principal: import('cognigate').UserPrincipal
declare const guard: import('cognigate').Guard<
  'posts.read' | 'posts.write' | 'posts.edit',
  'viewer' | 'editor' | 'admin'
>
declare const permissionRequired: import('cognigate/hono').HonoGuard<
  'posts.edit',
  'editor',
  import('cognigate').Principal
>['permissionRequired']
declare const loginCheck: import('cognigate/hono').HonoGuard<
  'posts.edit',
  'editor',
  import('cognigate').Principal
>['loginCheck']
declare const Hono: typeof import('hono').Hono

declare const admin: import('cognigate/admin').PoolAdmin
declare const clients: import('cognigate/provision').ProvisionClients
declare const definitions: import('cognigate/provision').Definitions
declare const groupDetail: readonly import('cognigate/provision').CognisesDefinition[]
declare const signIn: import('cognigate/sign-in').SignIn
declare const step: import('cognigate/sign-in').SignInStep
declare const pool: import('cognigate/testing').LocalPool
