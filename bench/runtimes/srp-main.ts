import process from 'node:process'
import AuthenticationHelper from 'amazon-cognito-identity-js/es/AuthenticationHelper.js'
import BigInteger from 'amazon-cognito-identity-js/es/BigInteger.js'
import { answerSrp, createSrpKeys } from '../../src/sign-in/srp.ts'
import type { SrpMeasure } from '../rows.ts'

/** Times the whole of a client's SRP, from its secret number to the signature's key, beside a peer in the same process. */
const rounds = Number(process.argv[2])
const [salt, srpB, secretBlock] = ['abcdef0123456789abcdef0123456789', 'a5'.repeat(383), btoa('a secret block')]
const [group, name, password] = ['AbCdEfGhI', 'alice', 'correct-Horse-7']

async function ours(): Promise<void> {
  const keys = createSrpKeys((length) => crypto.getRandomValues(new Uint8Array(length)))
  await answerSrp(keys, { salt, srpB, secretBlock }, { group, name, password }, 'Thu Nov 5 09:07:03 UTC 2026')
}

async function theirs(): Promise<void> {
  const helper = new AuthenticationHelper(group)
  const values = [new BigInteger(srpB, 16), new BigInteger(salt, 16)] as const
  helper.getPasswordAuthenticationKey(name, password, ...values, () => {})
}

async function time(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

const measure: SrpMeasure = { ours: [], theirs: [] }
for (let round = 0; round < rounds + 2; round++) {
  const pair = [await time(ours), await time(theirs)] as const
  if (round < 2) continue
  measure.ours.push(pair[0])
  measure.theirs.push(pair[1])
}
process.stdout.write(JSON.stringify(measure))
