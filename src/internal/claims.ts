/** The claims of a token as `JSON.parse` gives them, deeply frozen. */
export type Claims = { readonly [name: string]: unknown }

/** Reads an own property, so that nothing is inherited from Object.prototype. */
export function claim(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}
