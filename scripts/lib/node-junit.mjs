/**
 * A reporter for `node --test` that writes JUnit XML. Node has one of its own from 20.12 on; the package is tested on the
 * oldest Node that it supports.
 *
 * @param {AsyncIterable<{ type: string, data: { name?: string, skip?: unknown, details?: { type?: string, error?: unknown } } }>} events
 */
// biome-ignore lint/style/noDefaultExport: that is how Node takes a reporter.
export default async function* junit(events) {
  yield '<?xml version="1.0" encoding="utf-8"?>\n<testsuites>\n'
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.details?.type === 'suite') continue
    const inside = type === 'test:fail' ? `<failure>${escaped(String(data.details?.error))}</failure>` : ''
    const skipped = data.skip !== undefined && data.skip !== false ? '<skipped/>' : ''
    yield `<testcase name="${escaped(data.name ?? '')}">${skipped || inside}</testcase>\n`
  }
  yield '</testsuites>\n'
}

/** @param {string} text */
function escaped(text) {
  return text
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '?')
}
