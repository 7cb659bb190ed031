import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { root } from '../../../scripts/lib/runtimes.mjs'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { hasProgram, run } from '../../support/command-line.ts'
import { doctor } from '../../support/doctor.ts'

// The commands that docs/command-line/doctor.md gives for a fix, as they stand there, on a pool as the AWS CLI makes it: each takes
// away its finding and adds none, and what was set before stays.

let server: LocalServer
let folder: string
beforeAll(async () => {
  server = await startLocalServer({ pool: false, region: 'eu-west-1' })
  folder = mkdtempSync(join(tmpdir(), 'cognigate-fixes-'))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

it('The commands of the page make their fix, and nothing else.', { timeout: 240_000 }, async (context) => {
  if (!hasProgram('aws') || !hasProgram('jq')) context.skip('no AWS CLI and jq here')
  const { PATH, HOME } = process.env
  const keys = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_DEFAULT_REGION: 'eu-west-1' }
  const env: NodeJS.ProcessEnv = { PATH, HOME, ...keys, AWS_ENDPOINT_URL: server.url }
  const shell = async (script: string) => {
    const { stdout, stderr, status } = await run(['bash', '-eo', 'pipefail', '-c', script], { cwd: folder, env })
    expect([script, stderr, status]).toEqual([script, '', 0])
    return stdout.trim()
  }
  env['POOL'] = await shell(
    'aws cognito-idp create-user-pool --pool-name shop --auto-verified-attributes email --query UserPool.Id --output text',
  )
  env['CLIENT'] = await shell(
    'aws cognito-idp create-user-pool-client --user-pool-id $POOL --client-name web --callback-urls shop://callback ' +
      '--allowed-o-auth-flows code --allowed-o-auth-scopes openid --allowed-o-auth-flows-user-pool-client ' +
      '--supported-identity-providers COGNITO --query UserPoolClient.ClientId --output text',
  )
  env['IDENTITY_POOL'] = await shell(
    'aws cognito-identity create-identity-pool --identity-pool-name shop --no-allow-unauthenticated-identities ' +
      '--cognito-identity-providers ProviderName=cognito-idp.eu-west-1.amazonaws.com/$POOL,ClientId=$CLIENT ' +
      '--query IdentityPoolId --output text',
  )
  const found = async () => {
    const pool = { UserPoolId: env['POOL'] ?? '', IdentityPoolId: env['IDENTITY_POOL'] ?? '' }
    const { findings } = JSON.parse((await doctor(server, pool, { json: true })).stdout)
    return findings.map(({ id }: { readonly id: string }) => id)
  }
  let before = await found()
  expect(before).toEqual([
    ...['classic-flow', 'ambiguous-role', 'no-server-side-check', 'no-mfa', 'unverified-update', 'deletion-protection'],
    ...['user-existence', 'self-sign-up', 'case-sensitive', 'no-rotation'],
  ])
  const page = readFileSync(`${root}/docs/command-line/doctor.md`, 'utf8')
  const recipes = [...page.matchAll(/<!-- recipe: (\S+) -->\s*```sh\n([\s\S]*?)```/g)]
  const fixed = []
  for (const [, id = '', script = ''] of recipes) {
    await shell(script.replace(/\s+$/, ''))
    const after: string[] = await found()
    expect([id, after]).toEqual([id, before.filter((each: string) => each !== id)])
    fixed.push(id)
    before = after
  }
  expect(fixed).toEqual(['user-existence', 'deletion-protection', 'no-server-side-check', 'no-mfa'])
  // What was set by hand is still there.
  expect(
    await shell(
      'aws cognito-idp describe-user-pool --user-pool-id $POOL --query UserPool.AutoVerifiedAttributes --output text',
    ),
  ).toBe('email')
  expect(
    await shell(
      'aws cognito-idp describe-user-pool-client --user-pool-id $POOL --client-id $CLIENT --query UserPoolClient.CallbackURLs --output text',
    ),
  ).toBe('shop://callback')
})
