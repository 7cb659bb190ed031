import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from '../scripts/lib/runtimes.mjs'
import { bundle } from './bundle.ts'
import { buildFolder } from './setup.ts'

/** The client, and what an application needs of it that does no more than to manage who is in which group. */
const sdkNames = [
  'CognitoIdentityProviderClient',
  'AdminAddUserToGroupCommand',
  'AdminListGroupsForUserCommand',
  'AdminRemoveUserFromGroupCommand',
  'ListGroupsCommand',
  'ListUsersInGroupCommand',
]

/** What an application imports of each. */
const imports = {
  'cognigate guard': ['{ createGuard, defineGroups }', `${buildFolder}/src/index.js`],
  'cognigate/hono': ['*', `${buildFolder}/adapters/hono/index.js`],
  'cognigate/admin': ['{ createPoolAdmin }', `${buildFolder}/src/admin/index.js`],
  'cognigate/login': ['{ createLogin }', `${buildFolder}/src/login/index.js`],
  'cognigate/sign-in': ['{ createSignIn }', `${buildFolder}/src/sign-in/index.js`],
  'amazon-cognito-identity-js': [
    '{ AuthenticationDetails, CognitoUser, CognitoUserPool }',
    'amazon-cognito-identity-js',
  ],
  // `aws-amplify` and `aws-amplify/auth` hand these on.
  Amplify: [
    '{ Amplify } from "@aws-amplify/core"; export { cognitoUserPoolsTokenProvider } from "@aws-amplify/auth/cognito"; export { signIn, confirmSignIn, fetchAuthSession }',
    '@aws-amplify/auth',
  ],
  jose: ['{ createRemoteJWKSet, jwtVerify }', 'jose'],
  'aws-jwt-verify': ['{ CognitoJwtVerifier }', 'aws-jwt-verify'],
  'hono/jwk': ['{ jwk }', 'hono/jwk'],
  'fast-jwt': ['{ createVerifier }', 'fast-jwt'],
  CASL: ['{ createMongoAbility, defineAbility }', '@casl/ability'],
  'AWS SDK, five commands': [`{ ${sdkNames.join(', ')} }`, '@aws-sdk/client-cognito-identity-provider'],
  casbin: ['{ newEnforcer, newModelFromString, StringAdapter }', 'casbin'],
} as const

/** Bytes of each, bundled for the edge by esbuild, minified, and gzipped at level 9. */
export async function sizes(): Promise<Record<keyof typeof imports, number>> {
  const entries = Object.entries(imports).map(async ([name, [names, from]]) => [
    name,
    await sizeOf(names, from, name === 'cognigate/hono' ? ['hono'] : []),
  ])
  return Object.fromEntries(await Promise.all(entries))
}

/** Bytes of whole applications that show a page behind a login: Workers, and functions for Lambda@Edge. */
export async function loginSizes() {
  const sizeOfBundle = async (entry: string, target: 'worker' | 'node') =>
    gzipSync((await bundle(entry, target, true)).text, { level: 9 }).length
  return {
    worker: {
      ours: await sizeOfBundle('isolates/cognigate-login.ts', 'worker'),
      '@hono/oidc-auth': await sizeOfBundle('isolates/hono-oidc-auth.ts', 'worker'),
    },
    edge: {
      ours: await sizeOfBundle('logins/cognigate-edge.ts', 'node'),
      'cognito-at-edge': await sizeOfBundle('logins/cognito-at-edge.ts', 'node'),
    },
  }
}

/** `outside`: what the application has anyway. */
async function sizeOf(names: string, from: string, outside: readonly string[]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from '${from}'`, resolveDir: `${root}/bench` },
    bundle: true,
    conditions: ['workerd', 'worker'],
    external: [...outside, 'node:*', 'crypto', 'buffer', 'stream', 'util', 'fs', 'path', 'vm', 'events'],
    format: 'esm',
    logLevel: 'error',
    minify: true,
    platform: 'browser',
    target: 'es2023',
    write: false,
  })
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0)
}
