import { beforeEach, describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/errors.ts'
import { createLocalPool, createLocalWorld, type LocalPool } from '../../../src/local/index.ts'
import { answerOf, outcome, queryJson, queryRequest, trusting } from '../../support/local-iam.ts'
import { call, createSeededBytes } from '../../support/local-pool.ts'

const start = 1_767_225_600_900
const AssumeRolePolicyDocument = trusting({ AWS: '123456789012' })
const RoleName = 'reader'
const Arn = `arn:aws:iam::123456789012:role/${RoleName}`

let pool: LocalPool

beforeEach(async () => {
  pool = await createLocalPool({ now: () => start, randomBytes: createSeededBytes() })
})

const create = (input: Record<string, string> = {}, place = pool) =>
  outcome(place, 'CreateRole', { RoleName, AssumeRolePolicyDocument, ...input })

describe('faults and records', () => {
  it('an error of the service, by the name of the operation', async () => {
    const fault = pool.fail('CreateRole', { error: 'Throttling', status: 400, times: 1 })
    expect([await create(), await create(), fault.hits]).toEqual([[400, 'Throttling'], 200, 1])
    expect(pool.requests).toMatchObject([
      { service: 'iam', operation: 'CreateRole', url: 'https://iam.amazonaws.com/', status: 400, faulted: true },
      { service: 'iam', operation: 'CreateRole', userPoolId: undefined, status: 200, faulted: false },
    ])
    expect([pool.count('iam.CreateRole'), pool.count('CreateRole'), pool.count('sts.CreateRole')]).toEqual([2, 2, 0])
  })

  it('after the effect, so that only the answer is lost', async () => {
    pool.fail('iam.CreateRole', { when: 'after', times: 1 })
    expect([await create(), await create()]).toEqual([
      [500, 'ServiceFailure'],
      [409, 'EntityAlreadyExists'],
    ])
  })

  it('a share of the requests, the same ones in every run', async () => {
    const run = async () => {
      pool.fail('iam.GetRole', { rate: 0.3, seed: 3, error: 'Throttling' })
      const found: unknown[] = []
      for (let index = 0; index < 40; index++) found.push(await outcome(pool, 'GetRole', { RoleName }))
      pool.recover()
      return found
    }
    await create()
    const first = await run()
    const hit = first.filter((found) => found !== 200)
    expect([await run(), hit.length > 4 && hit.length < 20]).toEqual([first, true])
    expect(new Set(hit.map(String))).toEqual(new Set(['400,Throttling']))
  })

  it('of the service itself is one of the receiver', async () => {
    pool.fail('iam.ListRoles')
    expect((await queryJson(pool, 'ListRoles')).body).toMatchObject({
      Error: { Type: 'Receiver', Code: 'ServiceFailure' },
    })
  })

  it('of STS, and anything else', async () => {
    pool.fail('sts.GetCallerIdentity', { times: 1 })
    pool.fail('*', { body: '<html>', status: 503, times: 1 })
    expect(await outcome(pool, 'GetCallerIdentity', {}, { service: 'sts' })).toEqual([500, 'InternalFailure'])
    expect(await answerOf(pool, queryRequest('ListRoles'))).toMatchObject({ status: 503, text: '<html>' })
  })
})

describe('a world whose IAM is late', () => {
  const named = (operation: string, RoleArn: string) => call(pool, operation, { GroupName: 'viewer', RoleArn })
  const young = [400, 'InvalidParameterException']
  const resultOf = ({ status, body }: Awaited<ReturnType<typeof call>>) => {
    return status === 200 ? 200 : [status, body?.['__type']]
  }

  beforeEach(async () => {
    pool = await createLocalPool({ now: () => start, iamDelay: 10, groups: ['editor'] })
    await create()
  })

  it.each([
    ['GetRole', {}],
    ['UpdateRole', {}],
    ['DeleteRole', {}],
    ['ListRoleTags', {}],
    [
      'PutRolePolicy',
      { PolicyName: 'a', PolicyDocument: '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}' },
    ],
  ])('%s does not find a new role', async (operation, input) => {
    expect(await outcome(pool, operation, { RoleName, ...input })).toEqual([404, 'NoSuchEntity'])
    pool.advance(9.999)
    expect(await outcome(pool, operation, { RoleName, ...input })).toEqual([404, 'NoSuchEntity'])
    pool.advance(0.001)
    expect(await outcome(pool, operation, { RoleName, ...input })).toBe(200)
  })

  it('ListRoles leaves it out, its name is taken, and nobody assumes it', async () => {
    const listed = async () => JSON.stringify(await queryJson(pool, 'ListRoles')).includes(Arn)
    const assume = () => outcome(pool, 'AssumeRole', { RoleArn: Arn, RoleSessionName: 'ab' }, { service: 'sts' })
    expect([await listed(), await create(), await assume()]).toEqual([
      false,
      [409, 'EntityAlreadyExists'],
      [403, 'AccessDenied'],
    ])
    pool.advance(10)
    expect([await listed(), await assume()]).toEqual([true, 200])
  })

  it('groups cannot name it yet, and other roles they can', async () => {
    expect(resultOf(await named('CreateGroup', Arn))).toEqual(young)
    expect(resultOf(await call(pool, 'UpdateGroup', { GroupName: 'editor', RoleArn: Arn }))).toEqual(young)
    expect(
      resultOf(await call(pool, 'UpdateGroup', { GroupName: 'editor', RoleArn: Arn.replace('1234', '4321') })),
    ).toBe(200)
    expect(resultOf(await call(pool, 'UpdateGroup', { GroupName: 'editor', RoleArn: `${Arn}2` }))).toBe(200)
    pool.advance(10)
    expect(resultOf(await named('CreateGroup', Arn))).toBe(200)
  })

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('not by %s seconds', (iamDelay) => {
    expect(() => createLocalWorld({ iamDelay })).toThrow(ConfigurationError)
  })

  it('is one of the world, not of the pool', async () => {
    const world = createLocalWorld({ now: () => start })
    await expect(createLocalPool({ world, iamDelay: 1 })).rejects.toThrow('iamDelay')
  })
})

it('one IAM serves all pools of a world, and no other world', async () => {
  const world = createLocalWorld()
  const [one, two] = [await world.createPool(), await world.createPool()]
  expect([await create({}, one), await create({}, two), await create({ RoleName: 'other' }, two)]).toEqual([
    200,
    [409, 'EntityAlreadyExists'],
    200,
  ])
  expect(await outcome(one, 'GetRole', { RoleName: 'other' })).toBe(200)
  expect(await outcome(pool, 'GetRole', { RoleName: 'other' })).toEqual([404, 'NoSuchEntity'])
  expect([one.requests.length, world.count('iam.CreateRole')]).toEqual([4, 3])
})
