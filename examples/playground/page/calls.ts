import type { Scene, SceneMessage, SceneRoute, Verdict } from './scene.ts'

/** What came of a call. */
export interface Outcome {
  readonly called: SceneRoute
  readonly status: number
  readonly statusText: string
  readonly body: string
  readonly verdict: Verdict
  /** The same call for the terminal. */
  readonly curl: string
}

export async function fetchScene(): Promise<Scene> {
  return getJson('/__start/scene')
}

/** The latest codes that the local pool would have sent, newest first. */
export async function fetchOutbox(): Promise<readonly SceneMessage[]> {
  return getJson('/__start/outbox')
}

/** A token of somebody who can be chosen. */
export async function fetchToken(caller: string): Promise<string> {
  return (await get(`/__start/tokens/${encodeURIComponent(caller)}`)).text()
}

/** Calls a route of the app, with a token or without one, and asks why the answer is what it is. */
export async function call(called: SceneRoute, token: string | undefined): Promise<Outcome> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(called.path, { method: called.method, headers })
  const body = await response.text()
  const verdict: Verdict = await getJson(`/__start/verdicts/${encodeURIComponent(called.name)}`, headers)
  const method = called.method === 'GET' ? '' : ` -X ${called.method}`
  const credentials = token === undefined ? '' : ` -H 'Authorization: Bearer ${token}'`
  return {
    called,
    status: response.status,
    statusText: response.statusText,
    body,
    verdict,
    curl: `curl -i${method} ${new URL(called.path, location.href)}${credentials}`,
  }
}

async function getJson<T>(path: string, headers: Record<string, string> = {}): Promise<T> {
  return (await get(path, headers)).json()
}

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(path, { headers })
  if (!response.ok) throw new Error(`${path} answered ${response.status}.`)
  return response
}
