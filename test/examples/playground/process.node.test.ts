import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunningApp, runToEnd, startApp } from './running-app.ts'

const limit = 60_000
let app: RunningApp | undefined

afterEach(async () => {
  const left = app
  app = undefined
  if (left !== undefined && isAlive(left.pid)) await left.stop('SIGKILL', 'group')
})

describe('npm start', () => {
  it.each([
    ['Ctrl-C, which reaches everything that was started', 'SIGINT', 'group'],
    ['SIGINT to the program alone', 'SIGINT', 'program'],
    ['SIGTERM', 'SIGTERM', 'program'],
  ] as const)('ends cleanly on %s', { timeout: limit }, async (_, signal, to) => {
    app = await startApp()
    expect((await fetch(app.url)).status).toBe(200)
    const { code, stderr } = await app.stop(signal, to)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(isAlive(app.pid)).toBe(false)
    await expect(fetch(app.url)).rejects.toThrow()
  })

  it.each([
    ['Ctrl-C', 'SIGINT', 'group'],
    ['SIGTERM to npm', 'SIGTERM', 'program'],
  ] as const)('leaves nothing behind on %s', { timeout: limit }, async (_, signal, to) => {
    app = await startApp({ command: ['npm', 'start', '--'] })
    expect((await fetch(app.url)).status).toBe(200)
    await app.stop(signal, to)
    await expect.poll(() => isAlive(app?.pid ?? 0), { timeout: limit }).toBe(false)
    await expect(fetch(app.url)).rejects.toThrow()
  })

  it('takes the port from --port, from PORT otherwise', { timeout: limit }, async () => {
    const first = await freePort()
    app = await startApp({ args: ['--port', String(first)], env: { PORT: '1' } })
    expect(app.url).toBe(`http://localhost:${first}/`)
    await app.stop()
    const second = await freePort()
    app = await startApp({ args: [], env: { PORT: String(second) } })
    expect(app.url).toBe(`http://localhost:${second}/`)
    expect((await fetch(app.url)).status).toBe(200)
  })

  it('says how to choose another port where one is taken', { timeout: limit }, async () => {
    const server = createServer()
    const port = await listen(server)
    try {
      const { code, stdout, stderr } = await runToEnd({ args: ['--port', String(port)] })
      expect(code).toBe(1)
      expect(stdout).toBe('')
      expect(stderr).toBe(
        `Port ${port} is taken. Choose another one: \`npm start -- --port ${port + 1}\` or \`PORT=${port + 1} npm start\`.\n`,
      )
    } finally {
      server.close()
    }
  })

  it.each([
    ['an unknown option', ['--prot', '1'], {}, "Unknown option '--prot'. `npm start -- --help` lists the options."],
    ['an argument', ['8080'], {}, "Unexpected argument '8080'. `npm start -- --help` lists the options."],
    ['a port that is none', ['--port', 'web'], {}, '--port: expected a number from 0 to 65535, not "web".'],
    ['a port too high', ['--port', '65536'], {}, '--port: expected a number from 0 to 65535, not "65536".'],
    ['a PORT that is none', [], { PORT: '-1' }, 'PORT: expected a number from 0 to 65535, not "-1".'],
    [
      'half a user pool',
      ['--port', '0'],
      { COGNITO_USER_POOL_ID: 'eu-central-1_AbCdEfGhI' },
      "COGNITO_USER_POOL_ID is your own and COGNITO_CLIENT_ID still the sample's: set both, or neither for a local pool.",
    ],
    [
      'a client without its user pool',
      ['--port', '0'],
      { COGNITO_CLIENT_ID: '1h57kf5cpq17m0eml12EXAMPLE' },
      "COGNITO_CLIENT_ID is your own and COGNITO_USER_POOL_ID still the sample's: set both, or neither for a local pool.",
    ],
  ])('ends with a clear message for %s', { timeout: limit }, async (_, args, env, message) => {
    const { code, stdout, stderr } = await runToEnd({ args, env })
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `${message}\n` })
  })

  it('explains itself', async () => {
    const { code, stdout } = await runToEnd({ args: ['--help'] })
    expect(code).toBe(0)
    for (const word of ['--port', 'PORT', 'COGNITO_USER_POOL_ID', 'COGNITO_CLIENT_ID']) expect(stdout).toContain(word)
  })
})

/** Whether anything lives that was started in the process group. */
function isAlive(group: number): boolean {
  const { stdout } = spawnSync('ps', ['-eo', 'pgid=,stat='], { encoding: 'utf8' })
  return stdout.split('\n').some((line) => {
    const [id, state = 'Z'] = line.trim().split(/\s+/)
    return id === String(group) && !state.startsWith('Z')
  })
}

function listen(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}
