import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { bundle } from '../bundle.ts'
import type { Material } from '../material.ts'
import { type SampleOptions, type Samples, sample } from '../samples.ts'
import { workerdClock } from './thread-clock.ts'

/**
 * Samples a set of cases in a workerd of their own, one operation after the other, timed from outside and less the time of an
 * empty request.
 */
export async function sampleWorkerd(
  set: 'tokens' | 'hono',
  material: Material,
  options: SampleOptions,
): Promise<Samples> {
  const { text } = await bundle('runtimes/batch-worker.ts', 'worker')
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: [{ type: 'ESModule', path: 'worker.mjs', contents: text }],
      compatibilityDate: '2026-08-03',
      cf: false,
    }),
  )
  try {
    const url = await miniflare.ready
    const prepared = await fetch(new URL(`/prepare?set=${set}`, url), {
      method: 'POST',
      body: JSON.stringify(material),
    })
    if (!prepared.ok) throw new Error(await prepared.text())
    const names = (await prepared.json()) as string[]
    const clock = workerdClock()
    const time = async (name: string, operations: number) => {
      const begun = clock()
      const response = await fetch(
        new URL(`/?${new URLSearchParams({ case: name, operations: `${operations}` })}`, url),
      )
      const text = await response.text()
      if (!response.ok) throw new Error(`${name}: ${text}`)
      return clock() - begun
    }
    return await sample(
      names,
      async (name, operations) => {
        const empty = await time('', 0)
        return Math.max(0.001, (await time(name, operations)) - empty)
      },
      options,
    )
  } finally {
    await miniflare.dispose()
  }
}
