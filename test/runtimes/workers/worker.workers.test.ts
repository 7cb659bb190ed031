import { env, exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'

it('has the variables of wrangler.toml', () => {
  expect(env.COGNITO_USER_POOL_ID).toMatch(/^eu-west-1_[0-9A-Za-z]{9}$/)
  expect(env.COGNITO_CLIENT_ID).toMatch(/^[0-9a-z]{26}$/)
})

it.each([
  ['GET', '/api/me'],
  ['GET', '/api/protected'],
  ['POST', '/api/update_data'],
  ['GET', '/api/admin_panel'],
])('answers %s %s without a token with 401', async (method, path) => {
  const response = await exports.default.fetch(`https://app.test${path}`, { method })
  expect(response.status).toBe(401)
  expect(response.headers.get('WWW-Authenticate')).toBe('Bearer')
  expect(response.headers.get('Cache-Control')).toBe('no-store')
})

it('refuses a token that is none', async () => {
  const headers = { authorization: 'Bearer not-a-token' }
  const response = await exports.default.fetch('https://app.test/api/me', { headers })
  expect(response.status).toBe(401)
  expect(response.headers.get('WWW-Authenticate')).toContain('invalid_token')
})

it('reaches no network', async () => {
  expect((await fetch('https://cognito-idp.eu-west-1.amazonaws.com/')).status).toBe(599)
})
