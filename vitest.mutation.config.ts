import { defineConfig } from 'vitest/config'

/** The suites that judge mutants: quick ones of the guard, its tokens and its groups, on Node alone. */
export default defineConfig({
  test: {
    name: 'mutation',
    environment: 'node',
    include: ['test/{permissions,guard,tokens,keys,token-sources,internal,security}/**/*.test.ts'],
    exclude: ['test/security/peers/**'],
    testTimeout: 10_000,
  },
})
