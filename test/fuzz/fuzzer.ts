import { Hono } from 'hono'
import { protect, protectAll } from '../../adapters/fetch/index.ts'
import { honoGuard } from '../../adapters/hono/index.ts'
import { withGuard } from '../../adapters/workers/index.ts'
import type { Principal } from '../../src/index.ts'
import { codeOf } from '../security/answer.ts'
import { corpusKeys, type Keys } from '../security/world.ts'
import { createRandom, type Random } from '../support/random.ts'
import { FuzzWorld } from './fuzz-world.ts'
import { type FuzzGuard, permissions, ownError, randomGuard } from './guards.ts'
import { objection } from './judge.ts'
import { randomRequest } from './requests.ts'
import { mutateText, randomToken } from './tokens.ts'

/** What a run came to. */
export interface FuzzReport {
  readonly seed: number
  readonly requests: number
  /** How often each answer came: `accepted`, the code of a refusal, or `own error`. */
  readonly answers: Readonly<Record<string, number>>
  /** What must never happen, with the round that repeats it. */
  readonly findings: readonly string[]
}

/** The requests that meet one guard before there is another. */
const ROUND = 25

/** Sends requests made of `seed` until `goesOn` says otherwise: asked before each round, with the count so far. */
export async function fuzz(seed: number, goesOn: (requests: number) => boolean): Promise<FuzzReport> {
  const random = createRandom(seed)
  const keys = await corpusKeys()
  const answers: Record<string, number> = {}
  const findings: string[] = []
  let requests = 0
  let round = 0
  let tokens: readonly string[] = []
  for (; goesOn(requests); round++) {
    if (round % 10 === 0) tokens = await randomTokens(random, keys)
    const world = new FuzzWorld(keys, random)
    const subject = randomGuard(random, world)
    for (let sent = 0; sent < ROUND; ) {
      const together = Math.min(random.pick([1, 1, 1, 2, 5]), ROUND - sent)
      const outcomes = await Promise.all(
        Array.from({ length: together }, () => sendOne(random, subject, world, tokens)),
      )
      for (const { answer, finding } of outcomes) {
        answers[answer] = (answers[answer] ?? 0) + 1
        if (finding !== undefined) findings.push(`seed ${seed}, round ${round}: ${finding}`)
      }
      if (random.below(8) === 0) world.pass(random.pick([1, 10, 60, 600, 4000]))
      sent += together
    }
    requests += ROUND
  }
  return { seed, requests, answers, findings }
}

function randomTokens(random: Random, keys: Keys): Promise<readonly string[]> {
  const world = new FuzzWorld(keys, random)
  // An encoding that changes nothing is refused by the corpus; here a plain token does as well.
  return Promise.all(Array.from({ length: 60 }, () => randomToken(random, world).catch(() => 'x.y.z')))
}

async function sendOne(random: Random, subject: FuzzGuard, world: FuzzWorld, tokens: readonly string[]) {
  const chosen = Array.from({ length: 4 }, () => {
    const token = random.pick(tokens)
    return random.below(6) === 0 ? mutateText(token, random) : token
  })
  const request = randomRequest(random, chosen)
  const before = world.now()
  const admitted: Principal[] = []
  const entry = random.pick(['protect', 'table', 'worker', 'hono'] as const)
  const handler = (principal: Principal) => {
    admitted.push(principal)
    return new Response('done', { status: 200 })
  }
  const fn = random.pick([undefined, ...permissions])
  try {
    const response = await answerOf(entry, subject, request, fn, handler)
    const [principal] = admitted
    if (principal !== undefined && admitted.length === 1 && response.status === 200) {
      const token = subject.guard.tokenOf(principal)
      const times = [before, world.now()] as const
      return {
        answer: 'accepted',
        finding: await objection(subject, world, {
          request,
          token,
          principal,
          fn: entry === 'worker' ? undefined : fn,
          times,
          strict: entry === 'table' && fn !== undefined,
        }),
      }
    }
    const finding = admitted.length > 0 ? `the handler ran, and the answer is ${response.status}` : undefined
    return { answer: await codeOf(response, chosen), finding }
  } catch (error) {
    if (error === ownError) return { answer: 'own error', finding: undefined }
    return { answer: 'crash', finding: error instanceof Error ? `${error.stack}` : `threw ${typeof error}` }
  }
}

/** Brings the request to the guard by one of the adapters. */
function answerOf(
  entry: 'protect' | 'table' | 'worker' | 'hono',
  { guard }: FuzzGuard,
  request: Request,
  fn: (typeof permissions)[number] | undefined,
  handler: (principal: Principal) => Response,
): Promise<Response> | Response {
  const clients = { clients: true } as const
  const requirement = fn ?? { allOf: [] }
  const withCaller = (_request: Request, { principal }: { principal: Principal }) => handler(principal)
  if (entry === 'worker') {
    const byWorker = withGuard(
      () => guard,
      (_request, _env, _ctx, principal) => handler(principal),
      clients,
    )
    return byWorker(request, {}, { waitUntil: () => {} })
  }
  if (entry === 'hono') {
    const { permissionRequired } = honoGuard(guard)
    const app = new Hono().use(permissionRequired(requirement, clients)).all('*', (c) => handler(c.var.principal))
    app.onError((error) => {
      throw error
    })
    return app.fetch(request)
  }
  if (entry === 'protect' || fn === undefined) return protect(guard, requirement, withCaller, clients)(request)
  return protectAll(guard, { [fn]: withCaller }, clients)[fn]!(request)
}
