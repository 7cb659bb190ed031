import { defineConfig } from 'vitest/config'

/** The suites that judge mutants: quick ones of the guard, its tokens, its groups and of signing in, on Node alone. */
export default defineConfig({
  test: {
    name: 'mutation',
    environment: 'node',
    include: ['test/{permissions,guard,tokens,keys,token-sources,internal,security,sign-in}/**/*.test.ts'],
    // What compares with peers takes seconds, and finds what the vectors find.
    exclude: ['test/security/peers/**', 'test/sign-in/*.node.test.ts', 'test/security/*.node.test.ts'],
    testTimeout: 10_000,
  },
})
