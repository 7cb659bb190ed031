import { describe, expectTypeOf, it } from 'vitest'
import {
  type AnswerTo,
  type AppClientChanges,
  type ChallengeStep,
  type CommonAwsErrorCode,
  type Group,
  highestRole,
  isAwsError,
  type List,
  type PoolAdmin,
  paginate,
  type SignInStep,
  type User,
} from '../../src/admin/index.ts'
import type { FixedOfClient } from '../../src/admin/app-clients.ts'
import type {
  ChallengeNameType,
  DeviceType,
  ErrorCodes,
  UpdateUserPoolClientRequest,
  UserPoolClientType,
} from '../../src/aws/index.ts'
import type { ChallengeName } from '../../src/sign-in/step.ts'

declare const admin: PoolAdmin

describe('call', () => {
  it('takes the input of the operation, in which the pool may be left out', () => {
    expectTypeOf(admin.call('AdminGetUser', { Username: 'alice' })).resolves.toHaveProperty('UserCreateDate')
    admin.call('ListGroups', {})
    admin.call('AdminGetUser', { Username: 'alice', UserPoolId: 'another' })
    // @ts-expect-error the user name is missing
    admin.call('AdminGetUser', {})
    // @ts-expect-error no such operation
    admin.call('AdminGetUsers', {})
    // @ts-expect-error no such member
    admin.call('ListGroups', { Filter: 'x' })
    // @ts-expect-error an operation of no pool
    admin.call('ListUserPools', { MaxResults: 1, UserPoolId: 'x' })
  })

  it('answers numbers for dates', () => {
    const answer = admin.call('GetGroup', { GroupName: 'a' })
    expectTypeOf<NonNullable<Awaited<typeof answer>['Group']>['CreationDate']>().toEqualTypeOf<number | undefined>()
  })
})

describe('isAwsError', () => {
  it('narrows to the codes of the operation', () => {
    const error: unknown = undefined
    if (isAwsError(error, 'AdminGetUser')) {
      expectTypeOf(error.code).toEqualTypeOf<ErrorCodes['AdminGetUser'] | CommonAwsErrorCode>()
      // @ts-expect-error this operation has no such error
      void (error.code === 'GroupExistsException')
      void (error.code === 'UserNotFoundException')
    }
    if (isAwsError(error)) expectTypeOf(error.code).toEqualTypeOf<string>()
  })
})

describe('lists', () => {
  it('have items of their own', () => {
    expectTypeOf(admin.groups.list()).toEqualTypeOf<List<Group>>()
    expectTypeOf(admin.groups.members('a')).toEqualTypeOf<List<User>>()
    expectTypeOf(paginate(admin, 'AdminListDevices', { Username: 'a' })).toEqualTypeOf<List<DeviceType>>()
    // @ts-expect-error it does not answer in pages
    paginate(admin, 'AdminGetUser', { Username: 'a' })
  })

  it('are filtered by what Cognito can, and by a function', () => {
    admin.users.list({
      filter: { email: { startsWith: 'a' } },
      where: ({ attributes }) => attributes['custom:x'] === '1',
    })
    // @ts-expect-error two conditions
    admin.users.list({ filter: { email: 'a', name: 'b' } })
    // @ts-expect-error a custom attribute
    admin.users.list({ filter: { 'custom:x': '1' } })
    // @ts-expect-error no such status
    admin.users.list({ filter: { status: 'ASLEEP' } })
  })
})

describe('app clients', () => {
  it('are sent back without what cannot be changed, and nothing else is left out', () => {
    expectTypeOf<Exclude<keyof UserPoolClientType, keyof UpdateUserPoolClientRequest>>().toEqualTypeOf<FixedOfClient>()
    expectTypeOf<AppClientChanges>().toHaveProperty('callbackURLs')
    expectTypeOf<AppClientChanges['tokenValidityUnits']>().toExtend<{ readonly idToken?: unknown } | undefined>()
    expectTypeOf<AppClientChanges>().not.toHaveProperty('clientSecret')
  })
})

describe('sign-in steps', () => {
  it('know every challenge of the API that a person answers', () => {
    type ByThemselves = 'PASSWORD_VERIFIER' | 'DEVICE_SRP_AUTH' | 'DEVICE_PASSWORD_VERIFIER' | 'ADMIN_NO_SRP_AUTH'
    expectTypeOf<ChallengeName>().toEqualTypeOf<Exclude<ChallengeNameType, ByThemselves>>()
    expectTypeOf<ChallengeStep['challenge']>().toEqualTypeOf<ChallengeName>()
  })

  it('narrow to what comes with a challenge', () => {
    const step = {} as SignInStep
    if (step.status === 'signed-in') expectTypeOf(step.tokens.accessToken).toEqualTypeOf<string>()
    if (step.status === 'challenge' && step.challenge === 'NEW_PASSWORD_REQUIRED') {
      expectTypeOf(step.requiredAttributes).toEqualTypeOf<readonly string[]>()
    }
    if (step.status === 'challenge' && step.challenge === 'SELECT_MFA_TYPE') {
      expectTypeOf(step.choices).toEqualTypeOf<readonly string[]>()
      expectTypeOf<AnswerTo<typeof step>>().toExtend<{ readonly choice: string }>()
    }
    // @ts-expect-error SRP is answered by itself
    if (step.status === 'challenge' && step.challenge === 'PASSWORD_VERIFIER') throw step
  })
})

it('the fallback of highestRole is of its own type', () => {
  expectTypeOf(highestRole(admin, 'a', { among: ['b'] }))
    .resolves.toHaveProperty('role')
    .toEqualTypeOf<string | undefined>()
  expectTypeOf(highestRole(admin, 'a', { among: ['b'], fallback: 'guest' }))
    .resolves.toHaveProperty('role')
    .toEqualTypeOf<string>()
})
