import * as sdk from '@aws-sdk/client-iam'
import { execFileSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../scripts/lib/runtimes.mjs'
import { createPoolAdmin } from '../../src/admin/index.ts'
import { type LocalServer, startLocalServer } from '../../src/local/server/index.ts'
import { type Ended, putCommandLine, putProgram, run } from '../support/command-line.ts'

// The steps of examples/pipeline/workflow.yml as a runner would run them, against a local AWS. GitHub's own parts, the token and the
// comment, are stood in for.

interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly shell?: string
  readonly env?: Readonly<Record<string, string>>
}
interface Workflow {
  readonly env: Readonly<Record<string, string>>
  readonly jobs: Readonly<
    Record<string, { readonly env: Readonly<Record<string, string>>; readonly steps: readonly Step[] }>
  >
}

const text = readFileSync(`${root}/examples/pipeline/workflow.yml`, 'utf8')
const workflow: Workflow = parse(text)

let server: LocalServer
let github: Server
let folder: string
let base: string
beforeAll(async () => {
  const users = { alice: {} }
  server = await startLocalServer({ pool: { userPoolId: 'eu-west-1_AbCdEfGhI', clientId: 'web', users } })
  // A user pool stands for GitHub's provider.
  const { idToken } = await server.pool.tokens('alice')
  await putRole('plan', planning)
  await putRole('apply', [...planning, ...applying])
  github = createServer((request, response) => {
    const isRight = request.headers.authorization === 'bearer request-token' && /audience=sts/.test(request.url ?? '')
    response.writeHead(isRight ? 200 : 401).end(JSON.stringify({ value: idToken }))
  })
  await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve))
  folder = mkdtempSync(join(tmpdir(), 'cognigate-pipeline-'))
  cpSync(`${root}/examples/pipeline`, folder, { recursive: true })
  putCommandLine(join(folder, '.bin'))
  putProgram(join(folder, '.bin'), 'gh', `echo "$@" > ${folder}/gh-arguments`)
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', 'groups.yaml', 'groups.test.yaml')
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'The groups')
  base = git('rev-parse', 'HEAD').trim()
})
afterAll(async () => {
  await server.close()
  github.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

/** What docs/command-line/aws.md says: of `plan`, of `doctor`, and what `apply` needs beside. */
const planning = [
  'ListGroups',
  'DescribeUserPool',
  'DescribeUserPoolClient',
  'ListUserPoolClients',
  'ListIdentityProviders',
]
const applying = ['CreateGroup', 'UpdateGroup', 'GetGroup']

/** A role that tokens of the provider may take, with these permissions of the pool. */
async function putRole(RoleName: string, actions: readonly string[]): Promise<void> {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const iam = new sdk.IAMClient({ region: 'us-east-1', endpoint: server.url, credentials })
  const issuer = 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI'
  const Federated = `arn:aws:iam::123456789012:oidc-provider/${issuer}`
  const documentOf = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  if (RoleName === 'plan') {
    const Url = `https://${issuer}`
    await iam.send(new sdk.CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ['web'] }))
  }
  const AssumeRolePolicyDocument = documentOf({
    Effect: 'Allow',
    Principal: { Federated },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${issuer}:aud`]: 'web' } },
  })
  await iam.send(new sdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }))
  const pool = 'arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEfGhI'
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: actions.map((name) => `cognito-idp:${name}`), Resource: pool },
      { Effect: 'Allow', Action: 'iam:ListRoles', Resource: 'arn:aws:iam::123456789012:role/*' },
    ],
  })
  await iam.send(new sdk.PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument }))
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' })
}

/** The values of the expressions that the workflow uses. An unknown one fails. */
function fill(value: string): string {
  const values: Readonly<Record<string, string>> = {
    'vars.COGNITO_USER_POOL_ID': 'eu-west-1_AbCdEfGhI',
    'vars.PLAN_ROLE': 'arn:aws:iam::123456789012:role/plan',
    'vars.APPLY_ROLE': 'arn:aws:iam::123456789012:role/apply',
    'github.event.pull_request.base.sha': base,
    'github.event.pull_request.number': '7',
    'github.token': 'github-token',
  }
  return String(value).replace(/\$\{\{ (.+?) \}\}/g, (_, name) => values[name] ?? expect.fail(`no value for ${name}`))
}

function fillAll(values: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, fill(value)]))
}

/** Runs the steps of a job that are scripts, until one fails, as a runner does. */
async function runJob(
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly (Ended & { readonly step: string })[]> {
  const job = workflow.jobs[name] ?? expect.fail(`no job ${name}`)
  const shared = join(folder, 'github-env')
  writeFileSync(shared, '')
  const ended: (Ended & { step: string })[] = []
  for (const step of job.steps) {
    if (step.run === undefined || step.run.startsWith('npm ci')) continue
    expect(step.shell).toBe('bash')
    const passed = readFileSync(shared, 'utf8').split('\n').filter(Boolean)
    const script = join(folder, '.step.sh')
    writeFileSync(script, step.run)
    const result = await run(['bash', '--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: folder,
      env: {
        PATH: `${join(folder, '.bin')}:${process.env['PATH']}`,
        RUNNER_TEMP: folder,
        GITHUB_ENV: shared,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(github.address() as AddressInfo).port}/?api=1`,
        AWS_ENDPOINT_URL: server.url,
        ...fillAll(workflow.env),
        ...fillAll(job.env),
        ...fillAll(step.env),
        ...env,
        ...Object.fromEntries(passed.map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string])),
      },
    })
    ended.push({ step: step.name ?? '', ...result })
    if (result.status !== 0) break
  }
  return ended
}

const failed = (ended: readonly Ended[]) => ended.filter(({ status }) => status !== 0)

async function groupNames(): Promise<string[]> {
  const options = { userPoolId: 'eu-west-1_AbCdEfGhI', endpoint: server.url }
  const admin = createPoolAdmin({ ...options, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })
  return (await admin.groups.list().toArray()).map(({ name }) => name).sort()
}

describe('the pipeline of examples/pipeline', () => {
  it('comments a pull request with the plan, the proof and the settings, and changes nothing', async () => {
    const changed = readFileSync(join(folder, 'groups.yaml'), 'utf8').replace(
      '[posts.write]',
      '[posts.write, posts.delete]',
    )
    writeFileSync(join(folder, 'groups.yaml'), changed)
    writeFileSync(
      join(folder, 'groups.test.yaml'),
      'map: groups.yaml\nexpect:\n  - { who: viewer, not: posts.delete }\n',
    )
    const ended = await runJob('plan')
    expect(failed(ended)).toEqual([])
    expect(ended.map(({ step }) => step)).toEqual([
      'Check the file, without AWS',
      'Sign in to AWS',
      'Plan, prove and examine',
      'Comment',
    ])
    const comment = readFileSync(join(folder, 'comment.md'), 'utf8')
    expect(comment).toContain('#### What changes in AWS\n\n````diff\n+ group viewer')
    expect(comment).toContain('+ members of editor may now: posts.delete')
    expect(comment).toMatch(/warning deletion-protection pool\/eu-west-1_AbCdEfGhI/)
    expect(comment).not.toMatch(/AccessDenied|skipped [^:]*: .*denied/i)
    expect(readFileSync(join(folder, 'gh-arguments'), 'utf8')).toBe(
      `pr comment 7 --edit-last --create-if-none --body-file ${folder}/comment.md\n`,
    )
    expect(await groupNames()).toEqual([])
  })

  it('fails a pull request whose expectations do not hold', async () => {
    writeFileSync(
      join(folder, 'groups.test.yaml'),
      'map: groups.yaml\nexpect:\n  - { who: viewer, may: posts.write }\n',
    )
    const ended = await runJob('plan')
    expect(ended.map(({ step, status }) => [step, status])).toEqual([['Check the file, without AWS', 1]])
    git('checkout', '--quiet', '--', '.')
  })

  it('finds drift before the definitions are applied, applies them on main, and finds none afterwards', async () => {
    expect((await runJob('drift')).map(({ status }) => status)).toEqual([0, 2])
    expect(failed(await runJob('apply'))).toEqual([])
    expect(await groupNames()).toEqual(['admin', 'editor', 'viewer'])
    expect(failed(await runJob('drift'))).toEqual([])
    expect(failed(await runJob('apply'))).toEqual([])
  })

  it('is refused where the role may only plan', async () => {
    writeFileSync(
      join(folder, 'groups.yaml'),
      `${readFileSync(join(folder, 'groups.yaml'), 'utf8').replace('30', '31')}`,
    )
    const last = (await runJob('apply', { AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/plan' })).at(-1)
    expect(last).toMatchObject({ step: 'Apply exactly what is planned', status: 1 })
    expect(last?.stderr).toContain('AccessDenied')
  })
})

it('The actions of the pipeline are those of this repository, pinned alike.', () => {
  const pins = (workflow: string) => new Set([...workflow.matchAll(/uses: (\S+@\w{40} # v\S+)/g)].map(([, pin]) => pin))
  const own = pins(readFileSync(`${root}/.github/workflows/ci.yml`, 'utf8'))
  expect([...pins(text)].filter((pin) => !own.has(pin))).toEqual([])
  expect(pins(text).size).toBe(2)
})
