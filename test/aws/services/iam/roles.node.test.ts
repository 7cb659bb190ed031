import { describe, expect, it } from 'vitest'
import {
  createIamClient,
  type IamClient,
  type IamClientOptions,
  type PolicyDocument,
} from '../../../../src/aws/index.ts'
import { createLocalPool, type LocalPool } from '../../../../src/local/index.ts'
import { credentials, errorOf } from '../../../support/aws.ts'
import { createSignatureVerifier, type KnownCredentials } from '../../../support/signature-verifier.ts'

type Answers = 'JSON' | 'XML'

/** IAM over a local pool that judges signatures, by a clock that only waiting moves. */
async function scene(
  answers: Answers = 'JSON',
  options: Partial<IamClientOptions> = {},
  known: KnownCredentials[] = [credentials],
  iamDelay = 0,
) {
  const pool = await createLocalPool({
    now: () => Date.UTC(2026, 0, 1),
    iamDelay,
    // The header that is taken away below is signed.
    verifySignature: answers === 'JSON' && createSignatureVerifier(known),
  })
  const testOptions = {
    credentials,
    now: pool.settings.now,
    random: () => 0.5,
    sleep: async (milliseconds: number) => pool.advance(milliseconds / 1000),
  }
  const fetch = async (request: Request) => {
    const response = await pool.fetch(request)
    expect(response.headers.get('content-type')).toContain(answers.toLowerCase())
    return response
  }
  // XML is what a service answers that does not know of JSON: it is asked without being told of it.
  const deaf = async (request: Request) => {
    const headers = new Headers(request.headers)
    headers.delete('accept')
    return fetch(new Request(request, { headers }))
  }
  const isDeaf = answers === 'XML'
  const iam = createIamClient({ ...testOptions, fetch: isDeaf ? deaf : fetch, ...options })
  return { pool, iam, testOptions }
}

const trustPolicy = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'cognito-identity.amazonaws.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { 'cognito-identity.amazonaws.com:aud': 'eu-west-1:x' } },
    },
  ],
}
const policy = (resource: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: [resource] }],
})
const special = 'arn:aws:s3:::a/%2F+é&<>"\'/*'
const managed = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
const boundary = 'arn:aws:iam::aws:policy/PowerUserAccess'

/** All that can be done with a role, in turn. */
async function live(iam: IamClient): Promise<void> {
  const { roles } = iam
  expect(await roles.find('ops')).toBeUndefined()
  const input = {
    name: 'ops',
    trustPolicy,
    description: 'a & b <c>',
    tags: { pool: 'p', empty: '' },
    path: '/cognigate/',
  }
  const created = await roles.create({ ...input, maxSessionDuration: 7200, permissionsBoundary: boundary })
  const role = await roles.get('ops')
  expect(role).toEqual(created)
  const arn = 'arn:aws:iam::123456789012:role/cognigate/ops'
  expect(role).toMatchObject({ ...input, arn, maxSessionDuration: 7200, permissionsBoundary: boundary })
  expect(role.createdAt).toBeInstanceOf(Date)

  await roles.update('ops', { description: 'new' })
  expect(await roles.get('ops')).toMatchObject({ description: 'new', maxSessionDuration: 7200 })
  await roles.setTrustPolicy('ops', { ...trustPolicy, Id: 'two' })
  await roles.setPermissionsBoundary('ops', undefined)
  await roles.tag('ops', { empty: 'full', more: 'x' })
  await roles.untag('ops', ['pool'])
  const changed = await roles.get('ops')
  expect(changed.trustPolicy).toEqual({ ...trustPolicy, Id: 'two' })
  expect(changed.permissionsBoundary).toBeUndefined()
  expect(changed.tags).toEqual({ empty: 'full', more: 'x' })
  await roles.setPermissionsBoundary('ops', boundary)
  expect((await roles.get('ops')).permissionsBoundary).toBe(boundary)

  await roles.putPolicy('ops', 'one', policy('*'))
  await roles.putPolicy('ops', 'one', policy(special))
  expect(await roles.policy('ops', 'one')).toEqual(policy(special))
  expect(await roles.policy('ops', 'two')).toBeUndefined()
  expect(await roles.policies('ops').toArray()).toEqual(['one'])
  await roles.attach('ops', managed)
  await roles.attach('ops', managed)
  expect(await roles.managedPolicies('ops').toArray()).toEqual([managed])
  await roles.detach('ops', managed)
  await roles.deletePolicy('ops', 'one')
  await roles.delete('ops')
  expect(await roles.find('ops')).toBeUndefined()
  await roles.delete('ops')
}

describe.each<Answers>(['JSON', 'XML'])('IAM that answers %s', (answers) => {
  it('has the whole life of a role', async () => {
    const { iam } = await scene(answers)
    await live(iam)
  })

  it('does not delete a role that has policies', async () => {
    const { iam } = await scene(answers)
    await iam.roles.create({ name: 'ops', trustPolicy })
    await iam.roles.attach('ops', managed)
    const error = await errorOf(iam.roles.delete('ops'))
    expect(error).toMatchObject({ code: 'DeleteConflict', status: 409, outcome: 'failed' })
  })

  it('lists roles page by page', async () => {
    const { iam } = await scene(answers)
    const names = Array.from({ length: 130 }, (_, index) => `role-${String(index).padStart(3, '0')}`)
    for (const name of names) await iam.roles.create({ name, trustPolicy, path: name < 'role-100' ? '/a/' : '/b/' })
    expect((await iam.roles.list().toArray()).map(({ name }) => name).sort()).toEqual(names)
    expect(await iam.roles.list({ pathPrefix: '/b/' }).toArray()).toHaveLength(30)
    expect((await iam.roles.list().toArray(3))[0]).toMatchObject({ trustPolicy, tags: {} })
  })

  it('knows the caller', async () => {
    const { iam } = await scene(answers)
    expect((await iam.caller()).account).toBe('123456789012')
  })

  it('throttles and breaks down, which is waited out', async () => {
    const { pool, iam } = await scene(answers)
    pool.fail('iam.GetRole', { error: 'Throttling', rate: 0.3, seed: 1 })
    for (const operation of ['CreateRole', 'PutRolePolicy', 'TagRole', 'AttachRolePolicy', 'DeleteRole']) {
      pool.fail(operation, { error: 'Throttling', times: 1 })
      pool.fail(operation, { when: 'after', times: 1 })
    }
    await live(iam)
  })
})

const writes = [
  ...['CreateRole', 'UpdateRole', 'UpdateAssumeRolePolicy', 'DeleteRolePermissionsBoundary', 'TagRole', 'UntagRole'],
  ...['PutRolePermissionsBoundary', 'PutRolePolicy', 'AttachRolePolicy', 'DetachRolePolicy', 'DeleteRolePolicy'],
  'DeleteRole',
]

it.each(writes)('%s of which every answer is lost still has its effect, and is known to', async (operation) => {
  const { pool, iam } = await scene()
  pool.fail(operation, { when: 'after', networkError: true })
  await live(iam)
})

it.each(writes)('%s that is lost on the way is sent again', async (operation) => {
  const { pool, iam } = await scene()
  pool.fail(operation, { times: 1, networkError: true })
  await live(iam)
})

it('a role that IAM gives late is known to be made', async () => {
  const { pool, testOptions } = await scene('JSON', {}, [credentials], 1)
  const iam = createIamClient({ ...testOptions, fetch: pool.fetch })
  pool.fail('CreateRole', { times: 1, when: 'after', networkError: true })
  expect(await iam.roles.create({ name: 'ops', trustPolicy, tags: { a: 'b' } })).toMatchObject({ tags: { a: 'b' } })
})

it('a role of another that came first is not taken for ours', async () => {
  const { pool, iam } = await scene()
  await iam.roles.create({ name: 'Ops', trustPolicy })
  pool.fail('CreateRole', { times: 1, networkError: true })
  const error = await errorOf(iam.roles.create({ name: 'ops', trustPolicy }))
  expect(error).toMatchObject({ code: 'EntityAlreadyExists' })
})

it('credentials that expired are renewed', async () => {
  const known: KnownCredentials[] = []
  let given = 0
  const provider = () => {
    const fresh = { ...credentials, accessKeyId: `AKIDEXAMPLE${++given}`, sessionToken: `session-${given}` }
    known.push({ ...fresh, expiresAt: Date.UTC(2026, 0, 1) + given * 1000 * 3600 })
    return fresh
  }
  const { pool, iam } = await scene('JSON', { credentials: provider }, known)
  await iam.roles.create({ name: 'ops', trustPolicy })
  pool.advance(5400)
  await iam.roles.tag('ops', { a: 'b' })
  expect((await iam.roles.get('ops')).tags).toEqual({ a: 'b' })
  expect(given).toBe(2)
})

it.each<[string, (pool: LocalPool) => () => number]>([
  ['slow', (pool) => () => pool.settings.now() - 3_600_000],
  ['fast', (pool) => () => pool.settings.now() + 3_600_000],
])('a %s clock is corrected', async (_, clockOf) => {
  const { pool, testOptions } = await scene()
  const iam = createIamClient({ ...testOptions, fetch: pool.fetch, now: clockOf(pool) })
  await iam.roles.create({ name: 'ops', trustPolicy })
  expect((await iam.roles.get('ops')).name).toBe('ops')
  expect((await iam.caller()).account).toBe('123456789012')
})
