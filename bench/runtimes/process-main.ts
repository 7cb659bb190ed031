import { readFileSync } from 'node:fs'
import process from 'node:process'
import { createVerifier } from 'fast-jwt'
import type { Case } from '../cases/case.ts'
import { checkAccess } from '../cases/peer-verifiers.ts'
import { floor } from '../cases/names.ts'
import { tokenCases } from '../cases/token-cases.ts'
import type { Material } from '../material.ts'
import { sample } from '../samples.ts'
import { issuer } from '../settings.ts'

/** How many verifications are under way at once: one by one, the way to the threads that do them is what would be measured. */
const inFlight = 64

const [, , file = '', rounds = '', batch = ''] = process.argv
const material: Material = JSON.parse(readFileSync(file, 'utf8'))
const withFastJwt = (cache: boolean) => {
  const verify = createVerifier({ key: material.pem, algorithms: ['RS256'], allowedIss: issuer, cache })
  return (token: string) => checkAccess(verify(token))
}
const cases = await tokenCases(material, { 'fast-jwt': withFastJwt(false), 'fast-jwt, seen': withFastJwt(true) })
const indexes = new Map<string, number>()
const samples = await sample(
  Object.keys(cases),
  async (name, operations) => {
    const run = cases[name] ?? (() => {})
    const begun = performance.now()
    await repeat(run, name, operations)
    return performance.now() - begun
  },
  { rounds: Number(rounds), batch: Number(batch) },
)
process.stdout.write(JSON.stringify(samples))

async function repeat(run: Case, name: string, operations: number): Promise<void> {
  let index = indexes.get(name) ?? 0
  const end = index + operations
  // What is remembered never waits for a thread; one by one is then the way it is used.
  const lanes = name === floor || !/seen$|users?$/.test(name) || name.endsWith('first seen') ? inFlight : 1
  const lane = async () => {
    while (index < end) await run(index++)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  indexes.set(name, end)
}
