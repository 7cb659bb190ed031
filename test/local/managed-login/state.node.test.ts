import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type LocalServer, startLocalServer } from '../../../src/local/server/index.ts'
import { PageVisitor } from '../../support/page-visitor.ts'

const callback = 'http://localhost:3000/callback'
let folder: string
let server: LocalServer

const start = async () => {
  server = await startLocalServer({
    state: join(folder, 'state'),
    pool: {
      userPoolId: 'eu-west-1_AbCdEfGhI',
      users: { alice: { password: 'Correct-h0rse', mfa: ['EMAIL_OTP'], email: 'a@x.test', email_verified: true } },
      clients: [{ clientId: 'app', callbackUrls: [callback] }],
    },
  })
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'managed-login-'))
  await start()
})

afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

it('a step, a code and a session of managed login outlive the server, and what has ended stays ended', async () => {
  const base = () => `${server.url}/eu-west-1_AbCdEfGhI`
  const restart = async () => {
    await server.close()
    await start()
  }
  const query = new URLSearchParams({ client_id: 'app', redirect_uri: callback, response_type: 'code' })
  // The server has another port each time: the visitor moves along.
  let moved = ''
  const visitor = new PageVisitor((request) => fetch(new Request(request.url.replace(moved, server.url), request)))
  moved = server.url
  await visitor.open(`${base()}/oauth2/authorize?${query}`)
  await visitor.send({ username: 'alice', password: 'Correct-h0rse' })
  await restart()
  await visitor.send({ code: server.pool.outbox.at(-1)?.code ?? '' })
  const code = visitor.answer.get('code') ?? ''
  await restart()
  const redeem = async () => {
    const form = { grant_type: 'authorization_code', client_id: 'app', redirect_uri: callback, code }
    return (await fetch(`${base()}/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) })).status
  }
  expect(await redeem()).toBe(200)
  await restart()
  expect(await redeem()).toBe(400)
  await visitor.open(`${base()}/oauth2/authorize?${query}&prompt=none`)
  expect(visitor.answer.get('code')).toMatch(/^[\w-]{36}$/)
})
