import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The checkout's folder, without a trailing slash. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

const bin = `${root}/node_modules/.bin`

/** The runtimes by path: whatever Node the system has is not what the suites run on. */
export const runtimes = {
  node: `${root}/node_modules/node/bin/node`,
  node20: `${root}/node_modules/node20/bin/node`,
  bun: `${bin}/bun`,
  deno: `${bin}/deno`,
}

/**
 * The path of a tool that npm installed.
 *
 * @param {string} name
 */
export function tool(name) {
  return `${bin}/${name}`
}

/**
 * The Chromium to drive: CHROMIUM_PATH alone where it is set, or where Debian puts it. Undefined where there is none.
 *
 * @returns {string | undefined}
 */
export function chromiumPath() {
  const path = process.env.CHROMIUM_PATH || '/usr/bin/chromium'
  return existsSync(path) ? path : undefined
}

/**
 * Files below a folder of the checkout whose path ends in one of `endings`, in order, relative to the checkout.
 * What was installed or built there, and hidden folders, are left out.
 *
 * @param {string} folder
 * @param {readonly string[]} endings
 * @returns {string[]}
 */
export function filesBelow(folder, endings) {
  if (!existsSync(`${root}/${folder}`)) return []
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/(^|\/)(node_modules|\.[^/]+)\//.test(path) && endings.some((ending) => path.endsWith(ending)))
    .map((path) => `${folder}/${path}`)
    .sort()
}
