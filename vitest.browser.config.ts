import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumPath } from './scripts/lib/runtimes.mjs'

const args = ['no-sandbox', 'disable-gpu', 'no-first-run', 'disable-background-networking', 'disable-component-update']
const executablePath = chromiumPath()

/** The portable suites in a page of Chromium. */
export default defineConfig({
  test: {
    name: 'chromium',
    include: ['test/**/*.test.ts'],
    // Login belongs to a server: a page may neither send a cookie header of its own nor read one that is set.
    exclude: ['test/**/*.{node,workers,browser}.test.ts', 'test/login/**'],
    setupFiles: ['test/support/key-pairs.setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { ...(executablePath && { executablePath }), args: args.map((arg) => `--${arg}`) },
      }),
      instances: [{ browser: 'chromium' }],
    },
  },
})
