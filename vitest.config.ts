import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Suites that import vitest and the sources only, so that every runtime can run them. */
const portable = ['test/portable/**/*.test.ts', 'test/hostile/**/*.test.ts']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
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
        test: { name: 'workers', include: ['test/workers/**/*.test.ts', ...portable] },
      },
      {
        test: { name: 'browser', environment: 'node', include: ['test/browser/**/*.test.ts'], testTimeout: 30_000 },
      },
    ],
  },
})
