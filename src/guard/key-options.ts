import type { KeyOptions } from '../tokens/index.ts'
import type { CommonOptions } from './options.ts'

type Options = Pick<CommonOptions<'any', unknown>, 'fetch' | 'now' | 'sleep' | 'cache'>

/** How the keys of an issuer are fetched and kept, with the defaults; in milliseconds. */
export function keyOptionsOf({ fetch: given, now = Date.now, sleep: wait = sleep, cache = {} }: Options): KeyOptions {
  const { softAge = 3600, hardAge = 86_400, cooldown = 10, deadline = 3 } = cache
  return {
    fetch: given ?? ((request) => fetch(request)),
    now,
    sleep: wait,
    softAge: softAge * 1000,
    hardAge: hardAge * 1000,
    cooldown: cooldown * 1000,
    deadline: deadline * 1000,
  }
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
