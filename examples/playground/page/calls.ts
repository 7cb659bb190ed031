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

/** What a call carries: a token, the session's cookie, or nothing. */
export type Proof = { readonly token: string } | 'session' | 'nothing'

/** Calls a route of the app, and asks why the answer is what it is. */
export async function call(called: SceneRoute, proof: Proof): Promise<Outcome> {
  const token = typeof proof === 'string' ? undefined : proof.token
  const init: RequestInit = {
    credentials: proof === 'session' ? 'same-origin' : 'omit',
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  }
  const response = await fetch(called.path, { method: called.method, ...init })
  const body = await response.text()
  const verdict: Verdict = await getJson(`/__start/verdicts/${encodeURIComponent(called.name)}`, init)
  const method = called.method === 'GET' ? '' : ` -X ${called.method}`
  const cookie = proof === 'session' ? " -b 'session=<as the tools of the browser show it>'" : ''
  const credentials = token === undefined ? cookie : ` -H 'Authorization: Bearer ${token}'`
  return {
    called,
    status: response.status,
    statusText: response.statusText,
    body,
    verdict,
    curl: `curl -i${method} ${new URL(called.path, location.href)}${credentials}`,
  }
}

async function getJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await get(path, init)).json()
}

async function get(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, init)
  if (!response.ok) throw new Error(`${path} answered ${response.status}.`)
  return response
}
