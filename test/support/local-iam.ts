import type { LocalRequest } from '../../src/local/index.ts'
import { authorizationFor } from './local-pool.ts'

/** What answers requests: a pool, or a world. */
export interface Place {
  fetch(request: LocalRequest): Promise<Response>
}

/** How a Query call differs from a POST to IAM by nobody. */
export interface QueryOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly url?: string
  readonly service?: 'iam' | 'sts'
}

/** A request in AWS's Query protocol. */
export function queryRequest(action: string, input: Record<string, string> = {}, options: QueryOptions = {}): Request {
  const { service = 'iam', url = `https://${service}.amazonaws.com/`, headers = {} } = options
  const Version = service === 'iam' ? '2010-05-08' : '2011-06-15'
  return new Request(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      authorization: authorizationFor('us-east-1', service),
      ...headers,
    },
    body: new URLSearchParams({ Action: action, Version, ...input }).toString(),
  })
}

/** The status and text of an answer. */
export async function answerOf(
  place: Place,
  request: Request,
): Promise<{ status: number; type: string; text: string }> {
  const response = await place.fetch(request)
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, text: await response.text() }
}

/** The decoded JSON that a Query service answers when it is asked for JSON. */
export async function queryJson(
  place: Place,
  action: string,
  input: Record<string, string> = {},
  options: QueryOptions = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const headers = { accept: 'application/json', ...options.headers }
  const { status, text } = await answerOf(place, queryRequest(action, input, { ...options, headers }))
  return { status, body: JSON.parse(text) }
}

/** The code of a refusal, or 200. */
export async function outcome(
  place: Place,
  action: string,
  input: Record<string, string> = {},
  options: QueryOptions = {},
): Promise<unknown> {
  const { status, body } = await queryJson(place, action, input, options)
  const error = body['Error'] as { Code: string } | undefined
  return error === undefined ? status : [status, error.Code]
}

/** A trust policy of one statement. */
export function trusting(Principal: unknown, Action: unknown = 'sts:AssumeRole', Condition?: unknown): string {
  const statement = { Effect: 'Allow', Principal, Action, Condition }
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
}
