import { describe, expect, it } from 'vitest'
import { unexpectedFiles } from '../../scripts/lib/bundle.mjs'

const guard = { folders: ['guard', 'tokens'], packages: [] }

describe('unexpectedFiles', () => {
  it('lets the named folders and what stands in src itself pass', () => {
    expect(
      unexpectedFiles(['dist/src/index.js', 'dist/src/guard/answers.js', 'dist/src/tokens/index.js'], guard),
    ).toEqual([])
    expect(unexpectedFiles(['dist/adapters/hono/index.js'], { folders: ['adapters'], packages: [] })).toEqual([])
    expect(unexpectedFiles(['node_modules/jose/dist/index.js'], { folders: [], packages: ['jose'] })).toEqual([])
  })

  it.each([
    'dist/src/local/index.js',
    'dist/src/tokens-and-more/index.js',
    'dist/adapters/hono/index.js',
    'node_modules/jose/dist/index.js',
    'node_modules/@scope/name/index.js',
    'src/index.ts',
    'examples/worker.ts',
  ])('finds %s', (file) => {
    expect(unexpectedFiles(['dist/src/index.js', file], guard)).toEqual([file])
  })

  it('judges a package within a package by the inner one', () => {
    const nested = 'node_modules/jose/node_modules/other/index.js'
    expect(unexpectedFiles([nested], { folders: [], packages: ['jose'] })).toEqual([nested])
    expect(unexpectedFiles([nested], { folders: [], packages: ['other'] })).toEqual([])
  })
})
