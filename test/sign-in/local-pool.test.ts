import { describe, expect, it } from 'vitest'
import { createGuard, defineGroups } from '../../src/index.ts'
import { createLocalPool } from '../../src/local/index.ts'
import { createSignIn } from '../../src/sign-in/index.ts'
import { errorOf } from '../support/aws.ts'

const password = 'Correct-Horse-1'

describe('signing in at the local pool', () => {
  it('proves a password by SRP, and the guard knows the user', async () => {
    const groups = defineGroups({ editor: { allow: ['posts.write'] } })
    const pool = await createLocalPool({ groups: { editor: {} }, users: { alice: { password, groups: ['editor'] } } })
    const { userPoolId, clientId } = pool.settings
    const signIn = createSignIn({ userPoolId: `${userPoolId}`, clientId: `${clientId}`, fetch: pool.fetch })
    const step = await signIn.withPassword('alice', password)
    if (step.status !== 'signed-in') throw new Error('a challenge')
    const guard = createGuard({ ...pool.settings, groups })
    expect(guard.can(await guard.verify(step.tokens.accessToken), 'posts.write')).toBe(true)
    expect(await errorOf(signIn.withPassword('alice', 'Wrong-Horse-7'))).toMatchObject({ code: 'NotAuthorizedException' })
  })
})
