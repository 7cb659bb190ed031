import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Suites that import vitest and the sources only, so that every runtime can run them. */
const portable = ['test/portable/**/*.test.ts', 'test/hostile/**/*.test.ts']

/** Room for a busy machine: what hangs is found all the same, and nothing else waits on time. */
const room = { testTimeout: 60_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...room,
          name: 'node',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/workers/**', 'test/browser/**'],
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              compatibilityFlags: ['nodejs_compat'],
              outboundService: () => new Response('no network in tests', { status: 599 }),
            },
          }),
        ],
        test: { ...room, name: 'workers', include: ['test/workers/**/*.test.ts', ...portable] },
      },
      {
        test: { ...room, name: 'browser', environment: 'node', include: ['test/browser/**/*.test.ts'] },
      },
    ],
  },
})
