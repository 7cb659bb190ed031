import { defineConfig } from 'vitest/config'

/** The suites that judge mutants: quick ones of the guard, its tokens, its groups, of signing in and of login, on Node alone. */
export default defineConfig({
  test: {
    name: 'mutation',
    environment: 'node',
    include: ['test/{permissions,guard,tokens,keys,token-sources,internal,security,sign-in,login}/**/*.test.ts'],
    // What compares with peers, and whole sign-ins at the local AWS, take seconds and find little more.
    exclude: [
      ...['test/security/peers/**', 'test/security/*.node.test.ts', 'test/sign-in/*.node.test.ts'],
      'test/login/*.{node,browser}.test.ts',
      'test/sign-in/{cases,flipped-bits,local-pool,pycognito}.test.ts',
    ],
    testTimeout: 10_000,
  },
})
