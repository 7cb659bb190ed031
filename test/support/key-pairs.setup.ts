// Making an RSA key of 2,048 bits takes longer than most tests do, and most pools need two. A runtime makes a dozen of each kind
// for the tests; then they are handed out again in turn, so that the keys of neighbouring pools still differ.

const enough = 12
const { generateKey } = crypto.subtle
const made = new Map<string, (CryptoKey | CryptoKeyPair)[]>()
const isPatched = Symbol.for('cognigate.test.key-pairs')

/** As the method that it stands for, whose overloads TypeScript cannot tell apart here. */
async function handOut(this: SubtleCrypto, ...parameters: Parameters<typeof generateKey>) {
  const [algorithm, isExtractable, usages] = parameters
  const asked = typeof algorithm === 'object' && 'modulusLength' in algorithm ? algorithm : undefined
  if (asked?.modulusLength !== 2048) return generateKey.apply(this, parameters)
  const kind = JSON.stringify([asked.name, asked, isExtractable, usages])
  const kept = made.get(kind) ?? []
  made.set(kind, kept)
  const again = kept.length >= enough ? kept.shift() : undefined
  const pair = again ?? (await generateKey.apply(this, parameters))
  kept.push(pair)
  return pair
}

if (!(isPatched in globalThis)) {
  Object.defineProperty(globalThis, isPatched, { value: true })
  Object.defineProperty(crypto.subtle, 'generateKey', { configurable: true, writable: true, value: handOut })
}
