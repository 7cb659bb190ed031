import { createPoolAdmin, type PoolAdmin, type PoolAdminOptions } from '../../src/admin/index.ts'

/** An access key of nobody. */
export const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

/** A request that a scripted service was sent. */
export interface Sent {
  readonly operation: string
  readonly input: Record<string, unknown>
  readonly headers: Headers
  readonly url: string
}

/** An answer: a response, a thrown error, or a function of the request. */
export type Scripted = Response | Error | ((sent: Sent, request: Request) => Response | Promise<Response>)

/** A response in JSON. */
export function answer(output: object, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(output), { status, headers })
}

/** An error of the service. */
export function refusal(code: string, status = 400, headers: Record<string, string> = {}): Response {
  return answer({ __type: code, message: `${code} it is.` }, status, headers)
}

/** An administration of a service that answers from a script, in order, by a clock that only sleep moves. */
export function scripted(
  script: readonly Scripted[],
  options: Partial<PoolAdminOptions> = {},
): { admin: PoolAdmin; sent: Sent[]; slept: number[]; clock: { now: number } } {
  const sent: Sent[] = []
  const slept: number[] = []
  const clock = { now: Date.UTC(2026, 0, 1) }
  const rest = [...script]
  const admin = createPoolAdmin({
    userPoolId: 'eu-west-1_AbCdEfGhI',
    credentials,
    now: () => clock.now,
    random: () => 1,
    sleep: async (milliseconds) => {
      slept.push(milliseconds)
      clock.now += milliseconds
    },
    fetch: async (request) => {
      const { headers, url } = request
      const operation = headers.get('x-amz-target')?.split('.')[1] ?? ''
      const record = { operation, input: JSON.parse(await request.clone().text()), headers, url }
      sent.push(record)
      const next = rest.shift()
      if (next === undefined) throw new Error(`the script has no answer to ${operation}`)
      if (next instanceof Error) throw next
      return typeof next === 'function' ? next(record, request) : next
    },
    ...options,
  })
  return { admin, sent, slept, clock }
}

/** What a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it did not reject')
}
