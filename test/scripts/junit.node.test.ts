import { describe, expect, it } from 'vitest'
import { countTestCases, judge } from '../../scripts/lib/junit.mjs'

const report = `<?xml version="1.0"?>
<testsuites tests="5" failures="1">
  <testsuite name="a &gt; b">
    <testcase name="one > two" time="0.1"/>
    <testcase name="self closing" time="0.1" />
    <testcase name="prints" time="0.1"><system-out><![CDATA[<testcase name="x"><failure/></testcase>]]></system-out></testcase>
    <testsuite name="inner">
      <testcase name="fails" time="0.1">
        <failure message="no">expected</failure>
      </testcase>
      <testcase name="errs"><error type="Error"/></testcase>
      <testcase name="later"><skipped/></testcase>
    </testsuite>
  </testsuite>
</testsuites>`

describe('countTestCases', () => {
  it('tells passed, failed and skipped apart', () => {
    expect(countTestCases(report)).toEqual({ passed: 3, failed: 2, skipped: 1 })
  })
})

describe('judge', () => {
  const passing = '<testsuite><testcase name="a"/></testsuite>'
  const skipping = '<testsuite><testcase name="a"><skipped/></testcase></testsuite>'

  it.each([
    ['a clean run', passing, true, { passed: 1, failed: 0, skipped: 0 }],
    ['a crash after a clean report', passing, false, { passed: 1, failed: 1, skipped: 0 }],
    ['no report', undefined, true, { passed: 0, failed: 1, skipped: 0 }],
    ['an empty report', '<testsuites/>', true, { passed: 0, failed: 1, skipped: 0 }],
    ['nothing but skips', skipping, true, { passed: 0, failed: 1, skipped: 1 }],
    ['failures, counted once', report, false, { passed: 3, failed: 2, skipped: 1 }],
  ])('judges %s', (_name, xml, ok, counts) => {
    expect(judge(xml, ok)).toEqual(counts)
  })
})
