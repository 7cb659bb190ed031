const attribute = '\\s+[\\w:.-]+\\s*=\\s*(?:"[^"]*"|\'[^\']*\')'

/**
 * Counts the test cases of a JUnit XML report, the one format that every runner writes.
 *
 * @param {string} xml
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function countTestCases(xml) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const bare = xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '')
  const testCase = new RegExp(`<testcase(?:${attribute})*\\s*(?:/>|>([\\s\\S]*?)</testcase>)`, 'g')
  for (const [, inside = ''] of bare.matchAll(testCase)) {
    if (/<(?:failure|error)\b/.test(inside)) counts.failed++
    else if (/<skipped\b/.test(inside)) counts.skipped++
    else counts.passed++
  }
  return counts
}

/**
 * The counts that a runner is judged by. One that crashed, wrote no report or ran nothing at all counts as one failure,
 * whatever it says.
 *
 * @param {string | undefined} xml its report
 * @param {boolean} ok whether it ended with exit code 0
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function judge(xml, ok) {
  const counts = xml === undefined ? { passed: 0, failed: 0, skipped: 0 } : countTestCases(xml)
  const silent = counts.failed === 0 && (!ok || counts.passed === 0)
  return silent ? { ...counts, failed: 1 } : counts
}
