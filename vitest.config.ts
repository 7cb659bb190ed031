import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** Room for a busy machine: what hangs is found all the same, and nothing else waits on time. */
const room = { testTimeout: 120_000, hookTimeout: 120_000 }

/**
 * A suite runs on every runtime unless its name says where it belongs: `*.node.test.ts`, `*.workers.test.ts`,
 * `*.browser.test.ts`.
 */
const suites = (...elsewhere: readonly string[]) => ({
  include: ['test/**/*.test.ts'],
  exclude: elsewhere.map((runtime) => `test/**/*.${runtime}.test.ts`),
})

export default defineConfig({
  test: {
    // By default vitest leaves one core idle, which is half of two.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          ...{ ...room, name: 'node', environment: 'node', ...suites('workers', 'browser') },
          setupFiles: ['test/support/check-answers.setup.ts', 'test/support/key-pairs.setup.ts'],
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
        test: {
          ...room,
          name: 'workers',
          ...suites('node', 'browser'),
          setupFiles: ['test/support/key-pairs.setup.ts'],
        },
      },
      // What a page waits for in vain, it says itself after a minute (test/support/chromium.ts).
      {
        test: {
          ...{ name: 'browser', environment: 'node', include: ['test/**/*.browser.test.ts'] },
          ...{ testTimeout: 180_000, hookTimeout: 180_000 },
        },
      },
    ],
  },
})
