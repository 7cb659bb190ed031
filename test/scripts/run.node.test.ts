import { describe, expect, it } from 'vitest'
import { run } from '../../scripts/lib/run.mjs'

const node = (script: string) => [process.execPath, '-e', script]

describe('run', () => {
  it('gathers both streams of a command that ends well', async () => {
    const outcome = await run(node('console.log("out"); console.error("err")'))
    expect(outcome.ok).toBe(true)
    expect(outcome.output).toContain('out')
    expect(outcome.output).toContain('err')
  })

  it.each([
    ['an exit code', node('process.exit(3)'), 'exit code 3'],
    ['a signal', node('process.kill(process.pid, "SIGKILL")'), 'ended by SIGKILL'],
    ['a missing program', ['/nowhere/program'], 'could not start'],
  ])('tells %s', async (_name, command, ending) => {
    const outcome = await run(command)
    expect(outcome.ok).toBe(false)
    expect(outcome.ending).toContain(ending)
  })

  it('kills what takes too long, and what that started', async () => {
    const child =
      'require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" })'
    const outcome = await run(node(`${child}; setInterval(() => {}, 1000)`), { limit: 0.5 })
    expect(outcome).toMatchObject({ ok: false, ending: 'killed after 0.5 s' })
  })
})
