import { readFileSync } from 'node:fs'
import { root } from '../lib/runtimes.mjs'
import { bundle } from './bundle.ts'

/** A file of the page. */
export interface PageFile {
  readonly type: string
  readonly body: string
}

/** The files of the page, by path. */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: readFileSync(`${root}/examples/page/page.html`, 'utf8') }],
    ['/__start/page.css', { type: 'text/css; charset=utf-8', body: await bundle(`${root}/examples/page/page.css`) }],
    [
      '/__start/page.js',
      { type: 'text/javascript; charset=utf-8', body: await bundle(`${root}/examples/page/page.ts`) },
    ],
  ])
}
