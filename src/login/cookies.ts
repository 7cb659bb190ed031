import { cookiesOf } from '../token-sources/index.ts'

/** How many values of one name are looked at. */
const MAX_VALUES = 4

/** Browsers drop a cookie whose name, value and attributes take more than 4,096 bytes, or some of them; two chunks make 8 kB. */
const CHUNK = 3900
const CHUNKS = ['', '.1']

/** The values of the login's own cookies, by what follows the common part of their names. */
export type Jar = ReadonlyMap<string, readonly string[]>

export type Cookies = ReturnType<typeof createCookies>

/**
 * The cookies of a login. Their names begin with `__Host-`, so that no other host, not even a subdomain, can set them; in
 * development, by plain http, browsers refuse that.
 */
export function createCookies(name: string, development = false) {
  const [prefix, secure] = development ? ['', ''] : ['__Host-', '; Secure']
  const nameOf = (suffix: string) => prefix + name + suffix

  const set = (suffix: string, value: string, maxAge: number) =>
    `${nameOf(suffix)}=${value}; Path=/; Max-Age=${Math.floor(maxAge)}; HttpOnly; SameSite=Lax${secure}`
  const drop = (suffix: string) => set(suffix, '', 0)

  return {
    nameOf,
    set,
    drop,

    read(request: Request): Jar {
      const jar = new Map<string, string[]>()
      const start = nameOf('')
      for (const [name, value] of cookiesOf(request)) {
        if (!name.startsWith(start)) continue
        const suffix = name.slice(start.length)
        const values = jar.get(suffix) ?? []
        if (values.length < MAX_VALUES) jar.set(suffix, [...values, value])
      }
      return jar
    },

    /** The cookies of a session, each with the number of all in front; undefined where it does not fit. */
    setChunks(text: string, maxAge: number): readonly string[] | undefined {
      const size = CHUNK - nameOf('').length
      const count = Math.ceil(text.length / size) || 1
      if (count > CHUNKS.length) return undefined
      return CHUNKS.map((suffix, at) =>
        at < count ? set(suffix, count + text.slice(at * size, (at + 1) * size), maxAge) : drop(suffix),
      )
    },

    /** What the chunks of a session may say: several where a name came several times. */
    joinChunks(jar: Jar): readonly string[] {
      const chunks = (suffix: string, count: string) =>
        (jar.get(suffix) ?? []).filter((chunk) => chunk.startsWith(count)).map((chunk) => chunk.slice(1))
      return [...chunks('', '1'), ...chunks('', '2').flatMap((head) => chunks('.1', '2').map((tail) => head + tail))]
    },

    dropChunks: (): readonly string[] => CHUNKS.map(drop),
  }
}
