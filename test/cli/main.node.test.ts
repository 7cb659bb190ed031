import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { root, runtimes } from '../../scripts/lib/runtimes.mjs'

const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))

/** Runs the command line from its sources. */
function cognigate(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(runtimes.node, [`${root}/src/cli/main.ts`, ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('the command line', () => {
  it('prints its version and nothing else', () => {
    expect(cognigate('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it.each([
    [['locl'], 'did you mean `local`?'],
    [['local', '--prt', '1'], 'did you mean --port?'],
    [['local', 'extra'], 'Too many arguments'],
    [['local', '--issuer', 'lokal'], 'did you mean "local"?'],
    [['local', '--port', 'x'], 'x'],
    [['local', '--port', '99999'], 'port: expected a whole number from 0 to 65535.'],
    [['local', '--region', 'nowhere'], 'region: expected a region of AWS, such as eu-west-1.'],
    [['--versoin'], '--versoin'],
  ])('refuses %j with exit code 1, says what was meant, and prints no data', (args, message) => {
    const { status, stdout, stderr } = cognigate(...args)
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })

  it('shows examples in the help of a command', () => {
    const { status, stdout } = cognigate('local', '--help')
    expect(status).toBe(0)
    expect(stdout).toContain('cognigate local --port 0 --json')
  })
})
