import { cpus } from 'node:os'
import { versionOf } from './setup.ts'

const runtimes = ['workerd', 'node', 'bun', 'deno']
const sdk = '@aws-sdk/client-cognito-identity-provider'
const peers = [
  ...['jose', 'aws-jwt-verify', 'hono', 'fast-jwt', '@casl/ability', 'casbin', '@cedar-policy/cedar-wasm', sdk],
  ...['amazon-cognito-identity-js', '@aws-amplify/auth', '@hono/oidc-auth', 'cognito-at-edge'],
]

/** What was measured, when and on what, in one line. */
export function versions(): string {
  const list = (names: readonly string[]) => names.map((name) => `${name} ${versionOf(name)}`).join(', ')
  const processor = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`
  return `${new Date().toISOString().slice(0, 10)}; ${list(runtimes)}; ${list(peers)}; ${processor}`
}
