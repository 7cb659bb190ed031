import { describe, expect, it } from 'vitest'
import { importsOf, violation } from '../../scripts/lib/import-rules.mjs'

describe('violation', () => {
  it.each([
    ['src/guard.ts', './tokens/index.ts'],
    ['src/guard.ts', './groups/index.ts'],
    ['src/guard.ts', './guard/answers.ts'],
    ['src/guard/answers.ts', '../errors.ts'],
    ['src/index.ts', './guard.ts'],
    ['src/internal/regions.ts', '../errors.ts'],
    ['src/tokens/issuers.ts', '../internal/regions.ts'],
    ['src/tokens/verifier.ts', './claims.ts'],
    ['src/tokens/verifier.ts', '../principal.ts'],
    ['examples/s3/worker.ts', 'aws4fetch'],
    ['src/admin/users.ts', '../aws/index.ts'],
    ['src/admin/users.ts', '../sign-in-step.ts'],
    ['src/provision/plan.ts', '../admin/index.ts'],
    ['src/provision/plan.ts', '../permissions/index.ts'],
    ['src/login/session.ts', '../tokens/index.ts'],
    ['src/login/session.ts', '../sign-in/index.ts'],
    ['src/local/tokens.ts', 'jose'],
    ['src/local/world.ts', '../errors.ts'],
    ['src/cli/plan.ts', 'node:fs'],
    ['src/cli/plan.ts', '../provision/index.ts'],
    ['adapters/hono/index.ts', 'hono/factory'],
    ['adapters/hono/index.ts', '../src/index.ts'],
    ['adapters/hono/index.ts', '../src/login/index.ts'],
    ['adapters/workers.ts', './refusal.ts'],
    ['examples/worker.ts', 'hono'],
    ['scripts/build.mjs', 'node:fs'],
    ['examples/node.ts', 'node:process'],
  ])('lets %s import %s', (file, imported) => {
    expect(violation(file, imported)).toBeUndefined()
  })

  it.each([
    ['src/errors.ts', './tokens/index.ts'],
    ['src/internal/regions.ts', '../tokens/index.ts'],
    ['src/errors.ts', './guard.ts'],
    ['src/tokens/verifier.ts', '../groups/index.ts'],
    ['src/tokens/verifier.ts', '../aws/index.ts'],
    ['src/tokens/verifier.ts', '../guard.ts'],
    ['src/tokens/verifier.ts', '../guard/answers.ts'],
    ['src/tokens/verifier.ts', '../index.ts'],
    ['src/tokens/verifier.ts', 'jose'],
    ['src/tokens/verifier.ts', 'node:crypto'],
    ['src/tokens/verifier.ts', '../../adapters/hono.ts'],
    ['src/permissions/map.ts', '../tokens/index.ts'],
    ['src/permissions/map.ts', 'lodash'],
    ['src/guard.ts', './tokens/verifier.ts'],
    ['src/guard.ts', './testing/index.ts'],
    ['src/guard.ts', './admin/index.ts'],
    ['src/guard/answers.ts', '../../adapters/fetch.ts'],
    ['src/admin/users.ts', '../aws/sign.ts'],
    ['src/admin/users.ts', 'aws4fetch'],
    ['src/aws/signer.ts', 'aws4fetch'],
    ['src/admin/users.ts', '../provision/index.ts'],
    ['src/credentials/role.ts', '../guard.ts'],
    ['src/provision/plan.ts', '../admin/users.ts'],
    ['src/sign-in/srp.ts', '../admin/index.ts'],
    ['src/login/session.ts', '../aws/index.ts'],
    ['src/login/session.ts', 'jose'],
    ['src/local/tokens.ts', '../tokens/index.ts'],
    ['src/local/tokens.ts', '../sign-in/index.ts'],
    ['src/local/tokens.ts', '../aws/index.ts'],
    ['src/local/tokens.ts', 'node:crypto'],
    ['src/tokens/verifier.ts', '../cli/output.ts'],
    ['src/tokens/verifier.ts', '../../test/keys.ts'],
    ['src/unheard-of/file.ts', '../tokens/index.ts'],
    ['src/tokens/verifier.ts', '../unheard-of/index.ts'],
    ['adapters/fetch.ts', 'hono'],
    ['adapters/fetch.ts', '../src/guard.ts'],
    ['adapters/fetch.ts', '../src/tokens/verifier.ts'],
    ['adapters/fetch.ts', '../src/cli/index.ts'],
    ['adapters/hono/index.ts', '@hono/node-server'],
    ['adapters/hono/index.ts', 'node:http'],
    ['examples/worker.ts', 'jose'],
    ['examples/worker.ts', 'node:process'],
    ['scripts/build.mjs', 'jose'],
  ])('refuses %s importing %s', (file, imported) => {
    expect(violation(file, imported)).toBeTypeOf('string')
  })
})

describe('importsOf', () => {
  it('finds every form of import', () => {
    const source = [
      "import './a.ts'",
      "import b from './b.ts'",
      "import * as c from './c.ts'",
      "import type { D } from './d.ts'",
      'import {\n  e1,\n  type e2,\n} from "./e.ts"',
      "export { f } from './f.ts'",
      "export * from './g.ts'",
      "export type { H } from './h.ts'",
      "const i = await import('./i.ts')",
      "type J = import('./j.ts').J",
      "const one = 1; import { k } from './k.ts'",
    ].join('\n')
    expect(importsOf(source).sort()).toEqual([...'abcdefghijk'].map((letter) => `./${letter}.ts`))
  })

  it('leaves comments and ordinary code alone', () => {
    const source = [
      "// import x from './x.ts'",
      "/** import y from './y.ts' */",
      'export const from = 1',
      "export function z() {\n  return 'from'\n}",
    ].join('\n')
    expect(importsOf(source)).toEqual([])
  })
})
