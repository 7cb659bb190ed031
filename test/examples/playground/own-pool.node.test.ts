import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Scene, Verdict } from '../../../examples/playground/page/scene.ts'
import { type RunningApp, startApp } from './running-app.ts'

const env = { COGNITO_USER_POOL_ID: 'eu-central-1_AbCdEfGhI', COGNITO_CLIENT_ID: '1h57kf5cpq17m0eml12example' }

let app: RunningApp

beforeAll(async () => {
  app = await startApp({ env })
}, 60_000)

afterAll(async () => {
  await app?.stop()
})

it('says which pool it trusts, and issues no token', async () => {
  expect(app.output).toContain(env.COGNITO_USER_POOL_ID)
  expect(app.output).toContain(env.COGNITO_CLIENT_ID)
  expect(app.output).toContain('<access token>')
  expect(app.output).not.toMatch(/eyJ|alice/)
  const scene: Scene = await (await fetch(new URL('/__start/scene', app.url))).json()
  expect(scene).toMatchObject({ userPoolId: env.COGNITO_USER_POOL_ID, callers: [], administration: [] })
  expect((await fetch(new URL('/admin/groups', app.url))).status).toBe(404)
  expect((await fetch(new URL('/__start/tokens/alice', app.url))).status).toBe(404)
})

it('gives the app the settings: a token of the sample pool comes from an unknown issuer', async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const iss = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_CogniGate'
  const exp = Math.floor(Date.now() / 1000) + 600
  const payload = {
    iss,
    exp,
    iat: exp - 1200,
    token_use: 'access',
    client_id: env.COGNITO_CLIENT_ID,
    sub: 'a',
    username: 'a',
  }
  const token = `${part({ alg: 'RS256', kid: 'k' })}.${part(payload)}.${'A'.repeat(342)}`
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch(new URL('/api/me', app.url), { headers })
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ code: 'ISSUER_UNKNOWN' })
  const verdict: Verdict = await (await fetch(new URL('/__start/verdicts/me', app.url), { headers })).json()
  expect(verdict).toMatchObject({ allowed: false, code: 'ISSUER_UNKNOWN' })
})
