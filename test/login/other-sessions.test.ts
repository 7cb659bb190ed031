import { describe, expect, it } from 'vitest'
import { AuthenticationError } from '../../src/index.ts'
import { otherSessions } from '../../src/login/index.ts'
import { loginApp } from './login-app.ts'

const open = { accepted: undefined, lastActivity: undefined, device: undefined, ipAddress: undefined }

/** Sessions as an account gives them, of which the second is that of the request. */
function account() {
  const calls: [token: string, id: string][] = []
  const listed: string[] = []
  const sessions = {
    async *list(token: string) {
      listed.push(token)
      for (const id of ['phone', 'here', 'tablet']) yield { ...open, id, isCurrent: id === 'here' }
    },
    revoke: async (token: string, id: string) => void calls.push([token, id]),
  }
  return { calls, listed, account: { sessions } as unknown as Parameters<typeof otherSessions>[1] }
}

describe('other sessions', () => {
  it('are listed without the one of the request, and all of them ended, or one', async () => {
    const { login, browser } = await loginApp()
    await browser.visit('/')
    const cookie = Object.entries(browser.cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; ')
    const request = () => new Request('https://app.example.com/', { headers: { cookie } })
    const { calls, listed, account: at } = account()
    const others = otherSessions(login, at)
    expect((await others.list(request())).map(({ id }) => id)).toEqual(['phone', 'tablet'])
    const token = (await login.tokens(request()))?.accessToken
    expect(listed).toEqual([token])
    await others.revoke(request())
    expect(calls).toEqual([
      [token, 'phone'],
      [token, 'tablet'],
    ])
    await others.revoke(request(), 'tablet')
    expect(calls.slice(2)).toEqual([[token, 'tablet']])
  })

  it('are nobody’s where nobody is signed in', async () => {
    const { login } = await loginApp()
    const { calls, account: at } = account()
    const others = otherSessions(login, at)
    const request = new Request('https://app.example.com/')
    await expect(others.list(request)).rejects.toThrow(AuthenticationError)
    await expect(others.revoke(request, 'phone')).rejects.toThrow(AuthenticationError)
    expect(calls).toEqual([])
  })
})
