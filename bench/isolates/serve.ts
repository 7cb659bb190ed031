import type { Material } from '../material.ts'

export interface Scope {
  readonly jwk: Material['jwk']
  /** Whether the request is to be guarded; otherwise the libraries are only loaded. */
  readonly answer: boolean
}

/** A worker that answers 200 where `pass` says so. */
export function serve(pass: (request: Request, scope: Scope) => Promise<boolean>) {
  return {
    async fetch(request: Request, env: Scope): Promise<Response> {
      return new Response('Hello', { status: (await pass(request, env)) ? 200 : 403 })
    },
  }
}

export function tokenOf(request: Request): string {
  return request.headers.get('authorization')?.slice(7) ?? ''
}
