/** Members of inputs whose values no message may hold: passwords, codes, tokens, attributes. */
const hidden = /password|secret|token|session|code|signature|assertion|^value$|parameters|responses|details|metadata/i

/** The texts below an input that no message may hold. */
function secretsOf(value: unknown, isHidden = false): string[] {
  if (typeof value === 'string') return isHidden && value.length > 3 ? [value] : []
  return Object.entries(value ?? {}).flatMap(([name, member]) => secretsOf(member, isHidden || hidden.test(name)))
}

/**
 * The first line of a service's words, without the secrets of the call: what follows may be the canonical request, with
 * the session token in it.
 */
export function redact(reason: string | undefined, input: unknown, more: readonly (string | undefined)[]): string {
  const secrets = [...secretsOf(input), ...more.filter((secret) => secret !== undefined)]
  const [line = ''] = (reason ?? '').split('\n')
  return secrets
    .sort((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(secret, '…'), line)
    .slice(0, 400)
}
