import { AwsError, backoff, type CallOptions, type ClientOptions, isAwsError, sleep } from '../../index.ts'

/** Sends a write that may be sent again; `look` tells what it would have answered where it took effect, else undefined. */
export type Write = <T>(
  options: CallOptions | undefined,
  send: (limits: CallOptions) => Promise<T>,
  look: (limits: CallOptions) => Promise<T | undefined>,
) => Promise<T>

/** The seams and limits of a client. */
export type Waiting = Pick<ClientOptions, 'retry' | 'now' | 'random' | 'sleep'>

/**
 * Writes that can be run again. Where the answer was lost, `look` says whether the write took effect, and only if it did not
 * is it sent again; the same where it is then refused because what it makes is there. A write that is refused because
 * another change is under way had no effect, and waits as after a throttle. Throws the AwsError of outcome `unknown` where
 * it cannot be found out in time whether it took effect.
 */
export function createWrite({ retry, now = Date.now, random = Math.random, sleep: pause = sleep }: Waiting): Write {
  return async (options, send, look) => {
    const { attempts = 3, deadline = 20 } = { ...retry, ...options }
    const end = now() + deadline * 1000
    const limits = () => ({ ...options, deadline: (end - now()) / 1000 })
    let lost: unknown
    for (let attempt = 1; ; attempt++) {
      try {
        return await send(limits())
      } catch (error) {
        if (!isAwsError(error)) throw error
        const isLost = error.outcome === 'unknown'
        if (isLost) lost = error
        const isDoubtful = isLost || (lost !== undefined && error.code.startsWith('EntityAlreadyExists'))
        if (isDoubtful) {
          const found = await look(limits()).catch(() => {
            throw lost
          })
          if (found !== undefined) return found
        }
        // IAM may say that a role is there before it gives it.
        const delay = isLost ? 0 : backoff(attempt, random)
        if (!(isDoubtful || isConflict(error)) || attempt >= attempts || now() + delay >= end) throw error
        if (delay > 0) await pause(delay, options?.signal)
        options?.signal?.throwIfAborted()
      }
    }
  }
}

/** Whether a call was refused because of another that changes the same thing (IAM, identity pools). */
function isConflict({ code }: AwsError): boolean {
  return /^(ConcurrentModification|EntityTemporarilyUnmodifiable)/.test(code)
}

/** What is read, or undefined where it is not there. */
export async function orNothing<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read
  } catch (error) {
    if (isAwsError(error) && error.code.startsWith('NoSuchEntity')) return undefined
    throw error
  }
}

/** The failure of an operation whose answer is not what it promises. */
export function malformed(operation: string, outcome: 'failed' | 'unknown' = 'failed'): AwsError {
  return new AwsError({ code: 'MalformedAnswer', operation, outcome })
}
