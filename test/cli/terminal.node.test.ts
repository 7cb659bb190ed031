import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runtimes } from '../../scripts/lib/runtimes.mjs'
import { type LocalServer, startLocalServer } from '../../src/local/server/index.ts'
import { commandLine, type Ended, hasProgram, putCommandLine, run } from '../support/command-line.ts'

// How the built command line behaves at a terminal, in a pipe, and on each runtime.

const userPoolId = 'eu-west-1_AbCdEfGhI'
let server: LocalServer
let folder: string
beforeAll(async () => {
  const users = { alice: { groups: ['viewer'] } }
  server = await startLocalServer({ pool: { userPoolId, clientId: 'web', groups: ['viewer'], users } })
  folder = mkdtempSync(join(tmpdir(), 'cognigate-terminal-'))
  writeFileSync(join(folder, 'groups.yaml'), 'groups:\n  viewer: { allow: [posts.read] }\n  editor: { allow: ["*"] }\n')
  writeFileSync(join(folder, 'next.yaml'), 'groups:\n  viewer: { allow: [posts.read, posts.write] }\n  editor: {}\n')
  const policy = "{ Version: '2012-10-17', Statement: [{ Effect: Allow, Action: 's3:*', Resource: '*' }] }"
  writeFileSync(join(folder, 'policies.yaml'), `groups: { viewer: {} }\npolicies: { viewer: ${policy} }\n`)
  writeFileSync(join(folder, 'groups.test.yaml'), 'map: groups.yaml\nexpect:\n  - { who: viewer, may: posts.read }\n')
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

/** What an import finds there already. */
const memberLine = '{"group":{"GroupName":"viewer"}}\n{"member":{"Username":"alice","GroupName":"viewer"}}\n'

const envOf = () => ({ AWS_ENDPOINT_URL: server.url, COGNITO_USER_POOL_ID: userPoolId })

function cognigate(args: readonly string[], env: NodeJS.ProcessEnv = {}, command = [runtimes.node]): Promise<Ended> {
  const [program = '', ...before] = command
  return run([program, ...before, commandLine, ...args], { cwd: folder, env: { ...envOf(), ...env } })
}

function shell(script: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return run(['bash', '-c', script], { cwd: folder, env: { ...envOf(), C: `${runtimes.node} ${commandLine}`, ...env } })
}

/** Every command, once, with what ends with which code. */
const commands: readonly (readonly [number, ...string[]])[] = [
  [0, 'validate', 'groups.yaml'],
  [0, 'test', 'groups.test.yaml'],
  [2, 'plan', 'groups.yaml'],
  [2, 'drift', '--json', 'groups.yaml'],
  [2, 'diff', 'groups.yaml', 'next.yaml'],
  [2, 'impact', 'groups.yaml', 'next.yaml'],
  [0, 'explain', '--map', 'groups.yaml', 'alice', 'posts.read'],
  [0, 'explain', '--code', 'TOKEN_EXPIRED'],
  [2, 'doctor'],
  [0, 'audit', 'groups.yaml'],
  [0, 'export', '--out', 'pool.jsonl'],
  [0, 'import', 'members.jsonl'],
  [0, 'compile', 'groups.yaml'],
  [0, 'completion', 'zsh'],
  [1, 'init', 'groups.yaml'],
  [1, 'apply', 'groups.yaml'],
  [7, 'dev', '--port', '0', '--', 'sh', '-c', 'exit 7'],
]

describe.each([
  ['Node at its floor', [runtimes.node20]],
  ['the newest Node', [runtimes.node]],
  ['Bun', [runtimes.bun]],
  ['Deno', [runtimes.deno, 'run', '-A', '--no-lock']],
])('on %s', (name, runtime) => {
  it('every command ends as it should', { timeout: 180_000 }, async () => {
    const ended = await Promise.all(
      commands.map(async ([, ...args], index) => {
        // What writes a file writes it for each runtime.
        const own = args.map((one) =>
          /^(pool|members)\.jsonl$/.test(one) ? `${index}-${name.replace(/\W/g, '')}.jsonl` : one,
        )
        if (args[0] === 'import') writeFileSync(join(folder, own.at(-1) ?? ''), memberLine)
        const { status, stderr } = await cognigate(own, {}, runtime)
        return [status, ...args, ...(/\n\s+at /.test(stderr) ? [stderr] : [])]
      }),
    )
    expect(ended).toEqual(commands)
    const [program = '', ...before] = runtime
    const served = spawn(program, [...before, commandLine, 'local', '--port', '0', '--json'], { cwd: folder })
    const [line] = await once(served.stdout, 'data')
    const { url } = JSON.parse(String(line))
    expect((await fetch(url)).status).toBe(200)
    served.kill('SIGTERM')
    await once(served, 'close')
  })
})

describe('every command', () => {
  const names = [...new Set([...commands.map(([, name]) => name ?? ''), 'local'])]

  it('is in the tables of this suite, and has examples in its help', { timeout: 120_000 }, async () => {
    const { stdout } = await cognigate(['__complete', ''])
    expect(names.toSorted()).toEqual(
      stdout
        .split('\n')
        .flatMap((line) => line.split('\t')[0] || [])
        .sort(),
    )
    const helps = await Promise.all(names.map(async (name) => [name, await cognigate([name, '--help'])] as const))
    for (const [name, help] of helps) {
      expect(help, name).toMatchObject({ status: 0, stderr: '' })
      const examples = help.stdout.split('\n').filter((line) => line.startsWith(`  cognigate ${name}`))
      expect(examples.length, name).toBeGreaterThan(1)
      expect(help.stdout).not.toContain('\u001b[')
    }
  })

  it('ends quietly where nobody reads on', { timeout: 120_000 }, async () => {
    const quoted = (args: readonly string[]) => args.map((arg) => `'${arg}'`).join(' ')
    const ended = await Promise.all(
      commands
        .filter(([, name]) => name !== 'import' && name !== 'dev')
        .map(async ([, ...args]) => {
          const own = args.filter((arg) => arg !== '--out' && arg !== 'pool.jsonl')
          const { stderr, stdout } = await shell(`$C ${quoted(own)} 2>errors-of-${args[0]} | true; echo "$PIPESTATUS"`)
          return [args[0], Number(stdout), stderr]
        }),
    )
    for (const [name, status, stderr] of ended) {
      expect(stderr).toBe('')
      expect([0, 1, 2], `${name}`).toContain(status)
      expect(readFileSync(join(folder, `errors-of-${name}`), 'utf8')).not.toMatch(/EPIPE|\n\s+at /)
    }
  })

  it('has no colour by NO_COLOR at a terminal of 40 columns', { timeout: 120_000 }, async () => {
    if (!hasProgram('script')) return console.log('skipped: no `script` here')
    const printed = await Promise.all(
      commands
        .filter(([, name]) => name !== 'import' && name !== 'apply')
        .map(async ([status, ...args]) => {
          const own = args
            .filter((arg) => arg !== '--out' && arg !== 'pool.jsonl')
            .join(' ')
            .replace('sh -c exit 7', 'true')
          const script = `script -qec "stty cols 40; $C ${own}" /dev/null < /dev/null`
          const ended = await shell(script, { TERM: 'xterm', NO_COLOR: '1' })
          return { args, wanted: status === 7 ? 0 : status, ...ended }
        }),
    )
    for (const { args, wanted, status, stdout } of printed) {
      expect(status, args.join(' ')).toBe(wanted)
      // Nothing but the erasing of a line of progress.
      expect(stdout.replaceAll('\u001b[2K', ''), args.join(' ')).not.toContain('\u001b')
      const drawn = stdout.split('\r\u001b[2K').flatMap((text) => text.split('\r')[0] ?? [])
      for (const line of drawn.filter((text) => /^[\w ]+: \d/.test(text))) {
        expect(line.length, args.join(' ')).toBeLessThan(40)
      }
    }
  })
})

describe('a mistyped name', () => {
  it.each([
    [['aply'], 'did you mean `apply`?'],
    [['vaildate', 'groups.yaml'], 'did you mean `validate`?'],
    [['apply', '--dry-rnu', 'groups.yaml'], 'there is no flag --dry-rnu'],
    [['apply', '--yse', 'groups.yaml'], 'did you mean --yes?'],
    [['plan', '--prnue', 'groups.yaml'], 'did you mean --prune?'],
    [['plan', '--jsno', 'groups.yaml'], 'did you mean --json?'],
    [['diff', '--only-narower', 'groups.yaml', 'next.yaml'], 'did you mean --only-narrower?'],
    [
      ['diff', '--accept', 'new-permision', '--only-narrower', 'groups.yaml', 'next.yaml'],
      'did you mean "new-permission"?',
    ],
    [['diff', '--unknown-groups', 'refuse', 'groups.yaml', 'next.yaml'], 'expected two of ignore and refuse'],
    [['test', '--no-covrage', 'groups.test.yaml'], 'there is no flag --no-covrage; did you mean --no-coverage?'],
    [['audit', '--foramt', 'csv'], 'did you mean --format?'],
    [['import', '--confrim', 'x.jsonl'], 'did you mean --confirm?'],
    [['explain', '--token-fil', 'x', 'alice', 'posts.read'], 'did you mean --token-file?'],
    [
      ['explain', '--map', 'groups.yaml', 'alice', 'posts.raed'],
      'unknown permission "posts.raed"; did you mean "posts.read"?',
    ],
    [['explain', '--map', 'groups.yaml', 'alicia', 'posts.read'], 'the pool has no user "alicia"'],
    [['explain', '--code', 'TOKEN_EXPIRD'], 'did you mean "TOKEN_EXPIRED"?'],
    [['drift', '--max-rps', '0', 'groups.yaml'], 'expected a number over 0'],
    [['plan', 'group.yaml'], 'group.yaml  there is no such file'],
    [['plan', '--pool', 'eu-west-1', 'groups.yaml'], '--pool: expected an id such as eu-west-1_AbCdEfGhI'],
    [['plan', '--pool', 'nowhere-1_AbCdEfGhI', 'groups.yaml'], '--pool: expected a region of AWS'],
    [['plan', '--endpoint', '127.0.0.1:9400', 'groups.yaml'], '--endpoint or AWS_ENDPOINT_URL: expected https'],
    [['plan', '--endpoint', 'http://example.com', 'groups.yaml'], '--endpoint or AWS_ENDPOINT_URL: expected https'],
    [['plan', '--endpoint', 'http://127.0.0.1:1', '--timeout', '1', 'groups.yaml'], 'nothing answers; see whether'],
    [['plan', '--identity-pool', 'x', 'groups.yaml'], '--identity-pool: expected an id such as'],
    [['plan', '--adopt', 'role_viewer', 'groups.yaml'], '--adopt: role_viewer'],
    [['plan', '--accept', 'nope', 'groups.yaml'], '--accept: there is no finding nope'],
    [['plan', 'policies.yaml'], '--identity-pool: expected the id, here or in COGNITO_IDENTITY_POOL_ID'],
    [['audit', '--out', 'no-such-folder/audit.csv'], 'no-such-folder/audit.csv: it cannot be written (ENOENT)'],
    [['completion', 'tcsh'], 'expected bash, zsh or fish'],
  ])('never passes: %j', async (args, message) => {
    const { status, stdout, stderr } = await cognigate(args)
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  })
})

describe('what is printed', () => {
  it('has colours at a terminal, and none in a pipe, with NO_COLOR or at a dumb terminal', async () => {
    if (!hasProgram('script')) return console.log('skipped: no `script` here')
    const atTerminal = (env: NodeJS.ProcessEnv) =>
      shell(`script -qec "$C diff groups.yaml next.yaml" /dev/null < /dev/null`, { TERM: 'xterm', ...env })
    const coloured = await atTerminal({})
    expect(coloured.stdout).toContain('\u001b[32m+ members of viewer')
    expect(coloured.status).toBe(2)
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      expect((await atTerminal(env)).stdout).not.toContain('\u001b[')
    }
    expect((await cognigate(['diff', 'groups.yaml', 'next.yaml'])).stdout).not.toContain('\u001b[')
    expect((await cognigate(['diff', 'groups.yaml', 'next.yaml'], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[32m')
  })

  it('tells progress at a terminal within its width, and leaves nothing of it', async () => {
    if (!hasProgram('script')) return console.log('skipped: no `script` here')
    const run40 = `script -qec "stty cols 40; $C impact groups.yaml next.yaml" /dev/null < /dev/null`
    const { stdout, status } = await shell(run40, { TERM: 'xterm', NO_COLOR: '1' })
    expect(status).toBe(2)
    const drawn = stdout.split('\r').filter((line) => line.includes('memberships:'))
    for (const line of drawn) expect(line.replace('\u001b[2K', '').length).toBeLessThan(40)
    expect(stdout.split('\u001b[2K').at(-1)).not.toContain('memberships:')
    expect((await cognigate(['impact', 'groups.yaml', 'next.yaml'])).stderr).toBe('')
  })

  it('asks at a terminal, and takes nothing but yes', async () => {
    if (!hasProgram('script')) return console.log('skipped: no `script` here')
    const file = 'ask.yaml'
    writeFileSync(join(folder, file), 'groups:\n  asked: { allow: [x] }\n')
    const answer = (text: string) => shell(`(sleep 2; echo ${text}) | script -qec "$C apply ${file}" /dev/null`)
    const no = await answer('y')
    expect(no.stdout).toContain('Nothing was changed.')
    expect(no.status).toBe(1)
    const yes = await answer('yes')
    expect([yes.status, yes.stdout.includes('1 change made.')]).toEqual([0, true])
  })

  it('ends quietly when nobody reads on', async () => {
    const many = Array.from({ length: 4000 }, (_, index) => `  group${index}: { allow: [area.permission${index}] }`)
    writeFileSync(join(folder, 'many.yaml'), `groups:\n${many.join('\n')}\n`)
    const { stdout, stderr } = await shell('$C plan many.yaml | head -n 1; echo "$PIPESTATUS"')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^\+ group group0\n[02]\n$/)
  })

  it('shows control characters of data and not what they do', async () => {
    const evil = 'evil\u001b]0;title\u0007\u202e'
    writeFileSync(
      join(folder, 'evil.json'),
      JSON.stringify({ groups: { viewer: { allow: ['posts.read'], description: evil } } }),
    )
    writeFileSync(
      join(folder, 'wrong.json'),
      JSON.stringify({ groups: { viewer: { allow: ['posts.read'], [evil]: 1 } } }),
    )
    const planned = await cognigate(['plan', 'evil.json'])
    const refused = await cognigate(['plan', 'wrong.json'])
    for (const text of [planned.stdout, refused.stderr]) {
      expect(text).toMatch(/evil\\u(001b|\{1b\})\]0;title\\u(0007|\{7\})\\u\{?202e/)
      expect([...text].filter((character) => evil.slice(4).includes(character) && /\p{C}/u.test(character))).toEqual([])
    }
  })
})

describe('completion', () => {
  it('offers commands, flags and values to bash', async () => {
    const bin = join(folder, '.bin')
    const script = `mkdir -p ${bin}; printf '#!/bin/sh\\nexec %s "$@"\\n' "$C" > ${bin}/cognigate; chmod +x ${bin}/cognigate
PATH=${bin}:$PATH; eval "$(cognigate completion bash)"
COMP_WORDS=(cognigate dr); COMP_CWORD=1; _cognigate; echo "\${COMPREPLY[@]}"
COMP_WORDS=(cognigate diff --only); COMP_CWORD=2; _cognigate; echo "\${COMPREPLY[@]}"
COMP_WORDS=(cognigate completion ""); COMP_CWORD=2; _cognigate; echo "\${COMPREPLY[@]}"`
    const { stdout, stderr } = await shell(script)
    expect(stderr).toBe('')
    expect(stdout).toBe('drift\n--only-narrower\nbash zsh fish\n')
  })

  it('offers them to zsh with what they are', async () => {
    if (!hasProgram('zsh')) return console.log('skipped: no zsh here')
    putCommandLine(join(folder, '.zsh-bin'))
    // As zsh calls it; _describe takes the name of an array.
    const script = `compdef() { print -- "compdef $*" }; _describe() { print -l -- "\${(@P)2}" }; _files() { print files }
eval "$(cognigate completion zsh)"
words=(cognigate dr); CURRENT=2; _cognigate
words=(cognigate test --no-c); CURRENT=3; _cognigate
words=(cognigate plan --endpo); CURRENT=3; _cognigate
words=(cognigate plan gr); CURRENT=3; _cognigate`
    const { PATH } = process.env
    const { stdout, stderr } = await run(['zsh', '-f', '-c', script], {
      ...{ cwd: folder, env: { PATH: `${join(folder, '.zsh-bin')}:${PATH}` } },
    })
    expect(stderr).toBe('')
    expect(stdout.split('\n').map((line) => line.replace(/: .*/, ''))).toEqual([
      'compdef _cognigate cognigate',
      'drift:Say whether AWS is still as defined',
      '--no-coverage:Leave out the changes of one thing that no expectation would notice.',
      '--no-code:Refuse definitions that are modules',
      '--endpoint:In place of AWS, such as `cognigate local`. Default',
      'files',
      '',
    ])
  })

  it('offers them to fish with what they are', async () => {
    if (!hasProgram('fish')) return console.log('skipped: no fish here')
    putCommandLine(join(folder, '.fish-bin'))
    const script = `cognigate completion fish | source
complete -C 'cognigate dr'
complete -C 'cognigate test --no-c'
complete -C 'cognigate completion z'`
    const { stdout } = await run(['fish', '--no-config', '-c', script], {
      ...{ cwd: folder, env: { PATH: `${join(folder, '.fish-bin')}:${process.env['PATH']}` } },
    })
    expect(stdout).toContain('drift\tSay whether AWS is still as defined: for schedules.\n')
    expect(stdout).toContain('--no-coverage\tLeave out')
    expect(stdout).toContain('zsh\tbash, zsh or fish.\n')
  })
})
