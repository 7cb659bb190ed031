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
  const read = (name: string) => readFileSync(`${root}/examples/page/${name}`, 'utf8')
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: read('page.html') }],
    ['/__start/page.css', { type: 'text/css; charset=utf-8', body: read('page.css') }],
    [
      '/__start/page.js',
      { type: 'text/javascript; charset=utf-8', body: await bundle(`${root}/examples/page/page.ts`) },
    ],
  ])
}
