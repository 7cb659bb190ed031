import process from 'node:process'
import AuthenticationHelper from 'amazon-cognito-identity-js/es/AuthenticationHelper.js'
import BigInteger from 'amazon-cognito-identity-js/es/BigInteger.js'
import { getAuthenticationHelper } from '../node_modules/@aws-amplify/auth/dist/esm/providers/cognito/utils/srp/getAuthenticationHelper.mjs'
import { BigInteger as AmplifyInteger } from '../node_modules/@aws-amplify/auth/dist/esm/providers/cognito/utils/srp/BigInteger/index.mjs'
import { answerSrp, createSrpKeys } from '../../src/sign-in/srp.ts'
import type { SrpMeasure } from '../rows.ts'

/** Times the whole of a client's SRP, from its secret number to the signature's key, beside its peers in the same process. */
const rounds = Number(process.argv[2])
const [salt, srpB, secretBlock] = ['abcdef0123456789abcdef0123456789', 'a5'.repeat(383), btoa('a secret block')]
const [group, name, password] = ['AbCdEfGhI', 'alice', 'correct-Horse-7']

async function ours(): Promise<void> {
  const keys = createSrpKeys((length) => crypto.getRandomValues(new Uint8Array(length)))
  await answerSrp(keys, { salt, srpB, secretBlock }, { group, name, password }, 'Thu Nov 5 09:07:03 UTC 2026')
}

async function identityJs(): Promise<void> {
  const helper = new AuthenticationHelper(group)
  const values = [new BigInteger(srpB, 16), new BigInteger(salt, 16)] as const
  helper.getPasswordAuthenticationKey(name, password, ...values, () => {})
}

async function amplify(): Promise<void> {
  const helper = await getAuthenticationHelper(group)
  const [serverBValue, saltValue] = [new AmplifyInteger(srpB, 16), new AmplifyInteger(salt, 16)]
  await helper.getPasswordAuthenticationKey({ username: name, password, serverBValue, salt: saltValue })
}

async function time(work: () => Promise<void>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

const measure: SrpMeasure = { ours: [], identityJs: [], amplify: [] }
for (let round = 0; round < rounds + 2; round++) {
  const times = { ours: await time(ours), identityJs: await time(identityJs), amplify: await time(amplify) }
  if (round < 2) continue
  measure.ours.push(times.ours)
  measure.identityJs.push(times.identityJs)
  measure.amplify.push(times.amplify)
}
process.stdout.write(JSON.stringify(measure))
