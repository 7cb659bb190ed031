import { chromiumPath, filesBelow, root, runtimes } from './runtimes.mjs'

/**
 * @typedef {object} Runner
 * @property {string} name what `npm test -- <name>` takes
 * @property {string} about
 * @property {(report: string) => string[]} command given where to write its JUnit report
 * @property {Record<string, string>} [env]
 * @property {string} [skip] why it cannot run here
 */

/**
 * Everything that `npm test` runs, two at a time and in this order: the longest first, so that both cores are busy until the end.
 * On Node every file has a process of its own. The portable ones share one elsewhere: starting it takes longer than most of them.
 *
 * @returns {Runner[]}
 */
export function runners() {
  const chromium = chromiumPath()
  const inChromium =
    chromium === undefined
      ? { skip: 'no Chromium at CHROMIUM_PATH, or by default at /usr/bin/chromium' }
      : { env: { CHROMIUM_PATH: chromium } }
  const packageTests = filesBelow('test/runtimes/package', ['.test.mjs'])
  const portable = filesBelow('test', ['.test.ts']).filter((path) => !/\.(node|workers|browser)\.test\.ts$/.test(path))
  const nodeTest = (/** @type {string} */ node) => (/** @type {string} */ report) => [
    ...[node, '--test', '--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${root}/scripts/lib/node-junit.mjs`, `--test-reporter-destination=${report}`, ...packageTests],
  ]
  return [
    { name: 'node', about: 'vitest on Node 24', command: (report) => vitest(report, '--project', 'node') },
    {
      name: 'workers',
      about: 'vitest in workerd',
      command: (report) => vitest(report, '--project', 'workers', '--no-isolate'),
    },
    {
      name: 'browser',
      about: 'bundles and the page of the example in Chromium, driven from Node 24',
      command: (report) => vitest(report, '--project', 'browser'),
      ...inChromium,
    },
    {
      name: 'deno',
      about: 'the portable suites on Deno',
      command: (report) => {
        const [, ...args] = vitest(report, '--project', 'node', '--no-isolate', ...portable)
        return [runtimes.deno, 'run', '-A', ...args]
      },
    },
    {
      name: 'bun',
      about: 'the portable suites on Bun',
      command: (report) => [
        ...[runtimes.bun, 'test', '--preload=./test/support/key-pairs.setup.ts', '--timeout=60000'],
        ...['--reporter=junit', `--reporter-outfile=${report}`],
        ...portable.map((path) => `./${path}`),
      ],
    },
    {
      name: 'chromium',
      about: 'the portable suites in a page of Chromium',
      command: (report) => vitest(report, '--config', 'vitest.browser.config.ts'),
      ...inChromium,
    },
    {
      name: 'types',
      about: 'the type tests',
      command: (report) => vitest(report, '--config', 'vitest.types.config.ts'),
    },
    {
      name: 'package-node20',
      about: 'the built package on the oldest Node that `engines` admits',
      command: nodeTest(runtimes.node20),
    },
    { name: 'package-node24', about: 'the built package on Node 24', command: nodeTest(runtimes.node) },
    {
      name: 'package-bun',
      about: 'the built package on Bun',
      command: (report) => [
        ...[runtimes.bun, 'test', '--timeout=60000', '--reporter=junit', `--reporter-outfile=${report}`],
        ...packageTests.map((path) => `./${path}`),
      ],
    },
    {
      name: 'package-deno',
      about: 'the built package on Deno',
      command: (report) => [runtimes.deno, 'test', '-A', '--no-check', `--junit-path=${report}`, ...packageTests],
    },
  ]
}

/**
 * @param {string} report
 * @param {...string} args
 */
function vitest(report, ...args) {
  return [
    ...[runtimes.node, `${root}/node_modules/vitest/vitest.mjs`, 'run', ...args],
    ...['--reporter=default', '--reporter=junit', `--outputFile.junit=${report}`],
  ]
}
