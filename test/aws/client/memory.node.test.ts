import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createPoolAdmin } from '../../../src/admin/index.ts'

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

describe('a call that is at its end', () => {
  it('leaves nothing in memory while the signal that it was given lives on', async () => {
    const answers: WeakRef<Response>[] = []
    const admin = createPoolAdmin({
      userPoolId: 'eu-west-1_AbCdEfGhI',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-secret' },
      async fetch() {
        const answer = new Response('{"Users":[]}')
        answers.push(new WeakRef(answer))
        return answer
      },
    })
    const { signal } = new AbortController()
    for (let count = 0; count < 200; count++) await admin.call('ListUsers', {}, { signal })
    // What is held by finalization registries is freed in a later turn.
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setTimeout(resolve))
      collectGarbage()
    }
    expect(signal.aborted).toBe(false)
    expect(answers.filter((answer) => answer.deref() !== undefined).length).toBeLessThan(20)
  })
})
