import { describe, expectTypeOf, it } from 'vitest'
import { createPoolAdmin } from '../../src/admin/index.ts'
import { type AwsCredentials, type PrincipalGuard, roleCredentials } from '../../src/credentials/index.ts'
import { createGuard, type IdPrincipal, type Principal } from '../../src/index.ts'

const userPoolId = 'eu-west-1_AbCdEfGhI'
const identityPoolId = 'eu-west-1:01234567-89ab-4def-8123-456789abcdef'
const guard = createGuard({ userPoolId, clientId: 'c', tokenUse: 'id' })
declare const principal: IdPrincipal

describe('roleCredentials', () => {
  it('gives what signers and administrations take', async () => {
    const got = await roleCredentials(principal, { guard, identityPoolId })
    expectTypeOf(got).toEqualTypeOf<AwsCredentials>()
    expectTypeOf(got.expiration).toEqualTypeOf<Date>()
    createPoolAdmin({ userPoolId, credentials: got })
    createPoolAdmin({ userPoolId, credentials: () => roleCredentials(principal, { guard, identityPoolId }) })
  })

  it('takes the principals of any guard of ID tokens, with mapped claims too', async () => {
    const mapped = createGuard({ userPoolId, clientId: 'c', tokenUse: 'id', mapClaims: () => ({ tier: 'gold' }) })
    const own = await mapped.verify('token')
    roleCredentials(own, { guard: mapped, identityPoolId, region: 'eu-west-1', role: 'arn' })
    expectTypeOf(guard).toExtend<PrincipalGuard<IdPrincipal>>()
    // @ts-expect-error the guard has other claims
    roleCredentials(principal, { guard: mapped, identityPoolId })
  })

  it('takes a principal of either token only after a look at which it is', async () => {
    const any = createGuard({ userPoolId, clientId: 'c', tokenUse: 'any' })
    const caller: Principal = await any.verify('token')
    // @ts-expect-error it may be of an access token, or a machine
    roleCredentials(caller, { guard: any, identityPoolId })
    if (caller.tokenUse === 'id') roleCredentials(caller, { guard: any, identityPoolId })
    const access = createGuard({ userPoolId, clientId: 'c' })
    // @ts-expect-error access tokens give no credentials
    roleCredentials(await access.verify('token'), { guard: access, identityPoolId })
  })

  it('needs a guard and an identity pool, and takes no credentials', () => {
    // @ts-expect-error no guard
    roleCredentials(principal, { identityPoolId })
    // @ts-expect-error no identity pool
    roleCredentials(principal, { guard })
    // @ts-expect-error nothing is signed
    roleCredentials(principal, { guard, identityPoolId, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
  })
})
