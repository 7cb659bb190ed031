import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { root, runtimes } from '../../scripts/lib/runtimes.mjs'
import { type CredentialsSearch, findCredentials } from '../../src/cli/aws-credentials.ts'
import { type LocalServer, startLocalServer } from '../../src/local/server/index.ts'
import { hasProgram, putProgram, run } from '../support/command-line.ts'

const secrets = ['secret-of-a-key', 'token-of-a-container', 'token-of-an-identity', 'session-of-a-role']
const [secret = '', containerToken = '', identityToken = '', session = ''] = secrets

/** What the endpoint of a container answers, and what it was asked with. */
let answer: { status?: number; body?: string } = {}
let asked: { url: string | undefined; headers: IncomingHttpHeaders }[] = []
let container: Server
let containerUrl: string
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cognigate-credentials-'))
  container = createServer(({ url, headers }, response) => {
    asked.push({ url, headers })
    response.writeHead(answer.status ?? 200).end(answer.body ?? '')
  })
  await new Promise<void>((resolve) => {
    container.listen(0, '127.0.0.1', resolve)
  })
  containerUrl = `http://127.0.0.1:${(container.address() as AddressInfo).port}/role`
})
afterEach(() => {
  vi.unstubAllEnvs()
  answer = {}
  asked = []
})
afterAll(() => {
  container.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

/** What is found in an environment, or the message of the error, in which no secret may be. */
async function find(env: NodeJS.ProcessEnv, search: Partial<CredentialsSearch> = {}): Promise<unknown> {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries({ PATH: '/nowhere', ...env })) vi.stubEnv(name, value)
  try {
    return await findCredentials({ region: 'eu-west-1', isLocal: false, ...search })()
  } catch (error) {
    expect(error).toMatchObject({ name: 'CommandError' })
    const { message } = error as Error
    for (const one of secrets) expect(message).not.toContain(one)
    return message
  }
}

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const keys = { AWS_ACCESS_KEY_ID: 'AKIAENVIRONMENT', AWS_SECRET_ACCESS_KEY: secret }

describe('credentials of the environment', () => {
  it('are the keys, with their session', async () => {
    expect(await find(keys)).toEqual({ accessKeyId: 'AKIAENVIRONMENT', secretAccessKey: secret })
    expect(await find({ ...keys, AWS_SESSION_TOKEN: session })).toMatchObject({ sessionToken: session })
    expect(await find({ AWS_ACCESS_KEY_ID: 'AKIAENVIRONMENT' })).toBe(
      'AWS_SECRET_ACCESS_KEY: expected beside AWS_ACCESS_KEY_ID',
    )
  })

  it('go before AWS_PROFILE and after --profile', async () => {
    const bin = join(folder, 'order')
    putProgram(bin, 'aws', `echo '{"Version":1,"AccessKeyId":"AKIAPROFILE","SecretAccessKey":"${secret}"}'`)
    expect(await find({ ...keys, AWS_PROFILE: 'work', PATH: bin })).toMatchObject({ accessKeyId: 'AKIAENVIRONMENT' })
    expect(await find({ AWS_PROFILE: 'work', PATH: bin })).toMatchObject({ accessKeyId: 'AKIAPROFILE' })
    expect(await find({ ...keys, PATH: bin }, { profile: 'work' })).toMatchObject({ accessKeyId: 'AKIAPROFILE' })
  })

  it('may be any for an endpoint on this machine', async () => {
    expect(await find({}, { isLocal: true })).toEqual({ accessKeyId: 'local', secretAccessKey: 'local' })
    expect(await find({})).toBe(
      'credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install the AWS CLI, whose profiles are read through it',
    )
  })
})

describe('credentials of a profile', () => {
  const PATH = () => `${join(folder, 'bin')}:/usr/bin:/bin`

  it('come from the AWS CLI by export-credentials', async () => {
    const output = { Version: 1, AccessKeyId: 'ASIAPROFILE', SecretAccessKey: secret, SessionToken: session }
    const expiration = '2026-11-27T12:00:00Z'
    const text = JSON.stringify({ ...output, Expiration: expiration })
    putProgram(
      join(folder, 'bin'),
      'aws',
      `[ "$*" = "configure export-credentials --format process --profile work" ] && echo '${text}'`,
    )
    expect(await find({ PATH: PATH() }, { profile: 'work' })).toEqual({
      ...{ accessKeyId: 'ASIAPROFILE', secretAccessKey: secret, sessionToken: session, expiration },
    })
  })

  it.each([
    ['echo "The config profile (work) could not be found" >&2; exit 255', 'aws configure list-profiles'],
    ['echo "Error when retrieving token from sso: Token has expired" >&2; exit 255', 'aws sso login --profile work'],
    [
      `echo '{"Version":1,"AccessKeyId":"A","SecretKey":"${secret}"}'`,
      'the AWS CLI: expected credentials, but the answer has none',
    ],
    [`echo '${secret}'`, 'the AWS CLI: expected credentials, but the answer has none'],
  ])('that fail say what to do: %s', async (script, message) => {
    putProgram(join(folder, 'bin'), 'aws', script)
    expect(await find({ PATH: PATH() }, { profile: 'work' })).toContain(message)
    expect(await find({}, { profile: 'work' })).toMatch(/^--profile work: .*install the AWS CLI/)
  })

  it('are read by the AWS CLI that is installed, of whichever version', { timeout: 60_000 }, async () => {
    if (!hasProgram('aws')) return console.log('skipped: no AWS CLI here')
    const config = write('config', `[profile work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = ${secret}\n`)
    const env = {
      ...{ PATH: process.env['PATH'], AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
      AWS_EC2_METADATA_DISABLED: 'true',
    }
    expect(await find(env, { profile: 'work' })).toMatchObject({ accessKeyId: 'AKIAWORK', secretAccessKey: secret })
    expect(await find(env, { profile: 'none' })).toMatch(/^--profile none: the AWS CLI knows no such profile/)
    expect(await find({ ...env, AWS_CONFIG_FILE: '/dev/null' })).toMatch(
      /^credentials: (set AWS_ACCESS_KEY_ID|the AWS CLI)/,
    )
  })

  it("come from the AWS SDK's provider chain where that is installed", { timeout: 60_000 }, async () => {
    // As npm would lay it out, with the chain that is installed here under the name it is published by.
    const modules = join(folder, 'sdk/node_modules')
    mkdirSync(join(modules, 'cognigate/dist'), { recursive: true })
    cpSync(`${root}/dist/cli`, join(modules, 'cognigate/dist/cli'), { recursive: true })
    cpSync(`${root}/package.json`, join(modules, 'cognigate/package.json'))
    const chain = `${root}/node_modules/@aws-sdk/credential-provider-node/dist-cjs/index.js`
    mkdirSync(join(modules, '@aws-sdk/credential-providers'), { recursive: true })
    writeFileSync(
      join(modules, '@aws-sdk/credential-providers/index.js'),
      `exports.fromNodeProviderChain = (options) => require(${JSON.stringify(chain)}).defaultProvider(options)\n`,
    )
    const process = `echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"${secret}"}'`
    const config = write('sdk-config', `[profile work]\ncredential_process = ${join(folder, 'sdk-bin/give')}\n`)
    putProgram(join(folder, 'sdk-bin'), 'give', process)
    write('sdk/groups.yaml', 'groups: { viewer: { allow: [posts.read] } }\n')
    // An endpoint that lets nothing through, and remembers who asked.
    answer = { status: 400, body: '{"__type":"NotAuthorizedException","message":"no"}' }
    const env = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: '/dev/null', PATH: '/usr/bin:/bin' }
    const plan = (profile: string) =>
      run(
        [
          ...[runtimes.node, join(modules, 'cognigate/dist/cli/main.js'), 'impact', '--pool', 'eu-west-1_AbCdEfGhI'],
          ...['--endpoint', new URL(containerUrl).origin, '--profile', profile, 'groups.yaml', 'next.yaml'],
        ] as [string, ...string[]],
        { cwd: join(folder, 'sdk'), env },
      )
    write('sdk/next.yaml', 'groups: { viewer: { allow: [posts.read, posts.write] } }\n')
    expect((await plan('work')).status).toBe(1)
    expect(asked.at(-1)?.headers.authorization).toContain('Credential=AKIAPROCESS/')
    asked = []
    const none = await plan('none')
    expect(asked).toEqual([])
    expect(none.stderr).toMatch(/^--profile none: /)
    expect(none.stderr).not.toContain(secret)
  })
})

describe('credentials of a container', () => {
  const name = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'
  const body = JSON.stringify({
    AccessKeyId: 'ASIACONTAINER',
    SecretAccessKey: secret,
    Token: session,
    Expiration: '2026-11-27T12:00:00Z',
  })

  it('are asked for with the authorization token, which a file or a variable has', async () => {
    answer = { body }
    const found = { accessKeyId: 'ASIACONTAINER', secretAccessKey: secret, sessionToken: session }
    expect(await find({ [name]: containerUrl, AWS_CONTAINER_AUTHORIZATION_TOKEN: containerToken })).toMatchObject(found)
    const file = write('container-token', `${containerToken}-of-a-file\n`)
    expect(await find({ [name]: containerUrl, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file })).toMatchObject(found)
    expect(await find({ [name]: containerUrl })).toMatchObject(found)
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/role', containerToken],
      ['/role', `${containerToken}-of-a-file`],
      ['/role', undefined],
    ])
  })

  it('are asked for by https, or on this machine, or where ECS and EKS have them', async () => {
    const meant: string[] = []
    vi.stubGlobal('fetch', async (url: string) => {
      meant.push(url)
      return new Response(body)
    })
    try {
      for (const url of [
        ...['https://credentials.example.com/x', 'http://localhost:1/x', 'http://127.9.9.9/x', 'http://[::1]/x'],
        ...['http://169.254.170.2/x', 'http://169.254.170.23/v1/credentials', 'http://[fd00:ec2::23]/v1/credentials'],
      ]) {
        expect(await find({ [name]: url }), url).toMatchObject({ accessKeyId: 'ASIACONTAINER' })
      }
      expect(await find({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1' })).toMatchObject({})
      expect(meant.at(-1)).toBe('http://169.254.170.2/v2/credentials/1')
      const before = meant.length
      for (const url of [
        ...['http://credentials.example.com/x', 'http://169.254.169.254/x', 'http://localhost.example.com/x'],
        ...['http://127.0.0.1.example.com/', 'http://127.0.0.1@example.com/', 'ftp://localhost/x'],
      ]) {
        expect(await find({ [name]: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: containerToken }), url).toBe(
          `${name}: expected https, or a host of ECS, of EKS or of this machine`,
        )
      }
      expect(await find({ [name]: 'no address' })).toBe(`${name}: expected an address`)
      expect(meant).toHaveLength(before)
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('that are not given say by which variable', async () => {
    answer = { status: 403, body: secret }
    expect(await find({ [name]: containerUrl })).toBe(`${name}: expected credentials, but the answer is HTTP 403`)
    answer = { body: JSON.stringify({ SecretAccessKey: secret }) }
    expect(await find({ [name]: containerUrl })).toBe(`${name}: expected credentials, but the answer has none`)
    const file = { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(folder, 'no-such-file') }
    expect(await find({ [name]: containerUrl, ...file })).toBe(
      'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: the file cannot be read',
    )
    const lines = { AWS_CONTAINER_AUTHORIZATION_TOKEN: `${containerToken}\r\nx: y` }
    expect(await find({ [name]: containerUrl, ...lines })).toBe(`${name}: expected an authorization token of one line`)
    expect(await find({ [name]: 'http://127.0.0.1:1/' })).toBe(`${name}: no answer from 127.0.0.1:1`)
  })
})

describe('credentials of a web identity', () => {
  const userPoolId = 'eu-west-1_AbCdEfGhI'
  const issuer = `cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`
  let server: LocalServer
  beforeAll(async () => {
    server = await startLocalServer({ pool: { userPoolId, clientId: 'web', groups: ['viewer'], users: { alice: {} } } })
    const iam = new IAMClient({
      ...{ region: 'us-east-1', endpoint: server.url },
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })
    const provider = { Url: `https://${issuer}`, ClientIDList: ['web'], ThumbprintList: ['0'.repeat(40)] }
    const { OpenIDConnectProviderArn } = await iam.send(new CreateOpenIDConnectProviderCommand(provider))
    const trust = {
      Version: '2012-10-17',
      Statement: {
        ...{ Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity' },
        Principal: { Federated: OpenIDConnectProviderArn },
        Condition: { StringEquals: { [`${issuer}:aud`]: 'web' } },
      },
    }
    await iam.send(new CreateRoleCommand({ RoleName: 'planner', AssumeRolePolicyDocument: JSON.stringify(trust) }))
    const policy = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: ['cognito-idp:ListUsersInGroup', 'cognito-idp:ListGroups'], Resource: '*' },
    }
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'planner', PolicyName: 'read', PolicyDocument: JSON.stringify(policy) }),
    )
  })
  afterAll(() => server.close())
  const environment = (file: string, role = 'planner') => ({
    AWS_WEB_IDENTITY_TOKEN_FILE: file,
    AWS_ROLE_ARN: `arn:aws:iam::123456789012:role/${role}`,
  })

  it('are those of the role, whose permissions hold', async () => {
    const { idToken } = await server.pool.tokens('alice')
    const file = write('identity', `${idToken}\n`)
    expect(await find(environment(file), { endpoint: server.url, isLocal: true })).toMatchObject({
      accessKeyId: expect.stringMatching(/^ASIA/),
      sessionToken: expect.any(String),
      expiration: expect.any(String),
    })
    write('old.yaml', 'groups: { viewer: { allow: [posts.read] } }\n')
    write('new.yaml', 'groups: { viewer: { allow: [posts.read, posts.write] } }\n')
    const cognigate = (...args: string[]) =>
      run([runtimes.node, `${root}/dist/cli/main.js`, ...args], {
        cwd: folder,
        env: { ...environment(file), AWS_ENDPOINT_URL: server.url, COGNITO_USER_POOL_ID: userPoolId },
      })
    expect(await cognigate('impact', 'old.yaml', 'new.yaml')).toMatchObject({ status: 0, stderr: '' })
    expect((await cognigate('explain', '--map', 'old.yaml', 'alice', 'posts.read')).stderr).toContain('AccessDenied')
  })

  it('that are refused say why, by the code of STS', async () => {
    const at = { endpoint: server.url, isLocal: true }
    const forged = write('forged', identityToken)
    expect(await find(environment(forged), at)).toBe(
      'AWS_WEB_IDENTITY_TOKEN_FILE: STS refuses it (InvalidIdentityToken); see whether the token is fresh, and whether AWS_ROLE_ARN trusts its issuer',
    )
    const good = write('identity', (await server.pool.tokens('alice')).idToken)
    expect(await find(environment(good, 'other'), at)).toContain('STS refuses it (AccessDenied)')
    expect(await find({ AWS_WEB_IDENTITY_TOKEN_FILE: good }, at)).toBe(
      'AWS_ROLE_ARN: expected beside AWS_WEB_IDENTITY_TOKEN_FILE',
    )
    expect(await find(environment('/nowhere'), at)).toBe('AWS_WEB_IDENTITY_TOKEN_FILE: the file cannot be read')
    expect(await find({ ...environment(good), AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1/' })).toBe(
      'AWS_WEB_IDENTITY_TOKEN_FILE: no answer from 127.0.0.1:1',
    )
  })
})
