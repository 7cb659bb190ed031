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
    exclude: ['test/**/*.{node,workers,browser}.test.ts'],
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
