import { defineConfig } from 'vitest/config'

/** The suites that judge mutants: quick ones of the guard, its tokens and its groups, on Node alone. */
export default defineConfig({
  test: {
    name: 'mutation',
    environment: 'node',
    include: ['test/{groups,guard,portable,hostile}/**/*.test.ts'],
    exclude: [
      'test/portable/{admin-*,iam-*,credentials,provision,hono,fetch,workers,assert-guarded}.test.ts',
      'test/hostile/peers/**',
    ],
    testTimeout: 10_000,
  },
})
