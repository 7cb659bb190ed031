import { type Browser, chromium, type Page } from 'playwright-core'

/** Room for a busy machine, in milliseconds: a page is waited for by what shows in it, and a green run never takes this long. */
const patience = 60_000

/** Starts Chromium without what it does by itself on the network. */
export function launchChromium(...args: readonly string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
    timeout: patience,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', ...args],
    ],
  })
}

/**
 * Collects what a page complains of: errors that nothing caught, and what the browser puts into the console. Refusals that a test is
 * about are `expected`.
 */
export function watch(page: Page, expected: RegExp, complaints: string[] = []): string[] {
  page.setDefaultTimeout(patience)
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !expected.test(message.text())) complaints.push(message.text())
  })
  return complaints
}
