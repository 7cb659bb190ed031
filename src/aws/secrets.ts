/** All texts below an input. */
function textsIn(value: unknown): string[] {
  return typeof value === 'string' ? [value] : Object.values(value ?? {}).flatMap(textsIn)
}

/**
 * The first line of a service's words, without what the call sent, such as passwords and attributes, and without its
 * credentials. Further lines may hold the canonical request, and with it the session token.
 */
export function redact(reason = '', input: unknown, credentials: unknown): string {
  return textsIn([input, credentials])
    .filter(({ length }) => length > 3)
    .sort((a, b) => b.length - a.length)
    .reduce((text, secret) => text.replaceAll(secret, '…'), reason.split('\n')[0] ?? '')
}
