import { describe, expect, it } from 'vitest'
import * as fetchAdapter from '../../adapters/fetch/index.ts'
import * as hono from '../../adapters/hono/index.ts'
import * as workers from '../../adapters/workers/index.ts'
import * as admin from '../../src/admin/index.ts'
import * as credentials from '../../src/credentials/index.ts'
import { CognigateError } from '../../src/errors.ts'
import * as guard from '../../src/index.ts'
import * as local from '../../src/local/index.ts'
import * as login from '../../src/login/index.ts'
import * as provision from '../../src/provision/index.ts'
import * as signIn from '../../src/sign-in/index.ts'

// What somebody gives to a function by mistake is told by an error of ours, never by a TypeError from within.

const subpaths = {
  '.': guard,
  fetch: fetchAdapter,
  hono,
  workers,
  admin,
  credentials,
  provision,
  'sign-in': signIn,
  login,
  local,
}
const wrong: readonly unknown[][] = [
  ...[[], [null], [{}], [5], ['x'], [[]], [{ unknown: 1 }], [{ call: 5 }]],
  ...[
    [{}, {}],
    [{}, null],
    ['x', null],
    [{}, 'x', null],
    ['x', 'y', null],
    ['x', 'y', 5],
    [null, null, null, null],
  ],
  ...[[{ call: async () => ({}) }], [{ call: async () => ({}) }, 5], [{ userPoolId: 'eu-west-1_x' }, {}, {}, {}]],
]
const functions = Object.entries(subpaths).flatMap(([subpath, exports]) =>
  Object.entries(exports).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value))
      ? [[`${subpath} ${name}`, value as (...args: unknown[]) => unknown] as const]
      : [],
  ),
)

/** What a call ends with; a list is read to its first item. */
async function ending(call: () => unknown): Promise<unknown> {
  try {
    const result = await call()
    const isLazy = typeof result === 'object' && result !== null && Symbol.asyncIterator in result
    if (isLazy) await (result as AsyncIterable<unknown>)[Symbol.asyncIterator]().next()
    return undefined
  } catch (error) {
    return error
  }
}

describe('a wrong argument', () => {
  it.each(functions)('of %s is told by an error of ours', async (name, call) => {
    // Its caller is the guard, which always has a request.
    if (name === '. bearer') return
    for (const args of wrong) {
      const error = await ending(() => call(...args))
      if (error !== undefined) expect(error, JSON.stringify(args)).toBeInstanceOf(CognigateError)
    }
  })

  const refusing = async () => new Response('{"__type":"NotAuthorizedException"}', { status: 400 })
  const client = signIn.createSignIn({ userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'app', fetch: refusing })
  const administrator = admin.createPoolAdmin({
    userPoolId: 'eu-west-1_AbCdEfGhI',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    fetch: refusing,
  })
  const { call: _, ...areas } = administrator
  const objects = {
    signIn: client,
    session: client.session({ accessToken: 'a' }),
    account: signIn.createAccount(client),
    mfa: signIn.createMfa(client),
    passkeys: signIn.createPasskeys(client),
    devices: signIn.createDevices(client),
    admin: areas,
  }
  const methods = Object.entries(objects).flatMap(([name, object]) => methodsOf(name, object))

  it.each(methods)('of %s is told by an error of ours', async (name, call) => {
    if (name === 'signIn.call') return
    for (const args of wrong) {
      const error = await ending(() => call(...args))
      if (error !== undefined) expect(error, JSON.stringify(args)).toBeInstanceOf(CognigateError)
    }
  })

  it('is looked for in all of them', () => {
    expect(functions.length).toBeGreaterThan(50)
    expect(methods.length).toBeGreaterThan(60)
  })
})

/** The methods of an object and of the objects in it. */
function methodsOf(path: string, object: object): (readonly [string, (...args: unknown[]) => unknown])[] {
  return Object.entries(object).flatMap(([name, value]) => {
    if (typeof value === 'function') return [[`${path}.${name}`, value.bind(object)] as const]
    return typeof value === 'object' && value !== null ? methodsOf(`${path}.${name}`, value) : []
  })
}
