import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { bundle } from '../bundle.ts'
import type { Material } from '../material.ts'
import { type SampleOptions, type Samples, sample } from '../samples.ts'
import { workerdClock } from './thread-clock.ts'

/** The worker that does nothing, and the same once more: what two equal workers differ by is the error of the rest. */
export const hello = 'hello world'
export const control = 'hello world, again'

/** Workers of `isolates/` that are compared, and what they do when asked for nothing and for an answer. */
export interface Subjects {
  readonly libraries: readonly string[]
  readonly modes: readonly [idle: string, answering: string]
}

export const guardSubjects: Subjects = {
  libraries: ['cognigate', 'cognigate-compiled', 'jose', 'aws-jwt-verify'],
  modes: ['imported', 'first answer'],
}

export const adminSubjects: Subjects = {
  libraries: ['cognigate-admin', 'aws-sdk'],
  modes: ['client created', 'first signed call'],
}

export const loginSubjects: Subjects = {
  libraries: ['cognigate-login', 'hono-oidc-auth'],
  modes: ['imported', 'first redirect to Cognito'],
}

/** Samples the first answer of fresh isolates: loading a worker, minified, and one request. */
export async function sampleIsolates(
  { libraries, modes: [idle, answering] }: Subjects,
  { jwk, tokens }: Material,
  options: SampleOptions,
): Promise<Samples> {
  const loader = await bundle('runtimes/isolate-loader.ts', 'worker')
  const modules = await Promise.all(
    [...libraries, 'hello'].map(async (name) => [name, (await bundle(`isolates/${name}.ts`, 'worker', true)).text]),
  )
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: [{ type: 'ESModule', path: 'loader.mjs', contents: loader.text }],
      compatibilityDate: '2026-08-03',
      cf: false,
      bindings: { ...Object.fromEntries(modules), JWK: { ...jwk } },
      workerLoaders: { LOADER: {} },
    }),
  )
  const paths = new Map([
    [hello, 'hello?'],
    [control, 'hello?'],
    ...libraries.flatMap((name): [string, string][] => [
      [`${name}, ${idle}`, `${name}?`],
      [`${name}, ${answering}`, `${name}?answer&`],
    ]),
  ])
  try {
    const url = await miniflare.ready
    const clock = workerdClock()
    let count = 0
    return await sample(
      [...paths.keys()],
      async (name, operations) => {
        const begun = clock()
        for (let done = 0; done < operations; done++) {
          const headers = { authorization: `Bearer ${tokens[0]}` }
          const response = await fetch(new URL(`/${paths.get(name)}id=${count++}`, url), { headers })
          if ((await response.text()) !== 'Hello' || response.status !== 200)
            throw new Error(`${name}: status ${response.status}`)
        }
        return clock() - begun
      },
      options,
    )
  } finally {
    await miniflare.dispose()
  }
}
