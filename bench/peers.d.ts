/** What is used of the packages of `bench/package.json`, so that the checkout type-checks without them. */

declare module 'amazon-cognito-identity-js/es/BigInteger.js' {
  const BigInteger: new (text: string, radix: number) => object
  export default BigInteger
}

declare module 'amazon-cognito-identity-js/es/AuthenticationHelper.js' {
  interface Helper {
    getPasswordAuthenticationKey(name: string, password: string, b: object, salt: object, done: () => void): void
  }
  const AuthenticationHelper: new (pool: string) => Helper
  export default AuthenticationHelper
}

declare module '*/getAuthenticationHelper.mjs' {
  interface Helper {
    getPasswordAuthenticationKey(proof: {
      username: string
      password: string
      serverBValue: object
      salt: object
    }): Promise<Uint8Array>
  }
  export const getAuthenticationHelper: (pool: string) => Promise<Helper>
}

declare module '*/BigInteger/index.mjs' {
  export const BigInteger: new (text: string, radix: number) => object
}

declare module 'fast-jwt' {
  export function createVerifier(options: {
    key: string
    algorithms: string[]
    allowedIss: string
    cache: boolean | number
  }): (token: string) => Record<string, unknown>
}

declare module 'casbin' {
  export class StringAdapter {
    constructor(policy: string)
  }
  export interface Enforcer {
    enforce(...values: string[]): Promise<boolean>
  }
  export function newModelFromString(text: string): object
  export function newEnforcer(model: object, adapter: StringAdapter): Promise<Enforcer>
}

declare module 'cognito-at-edge' {
  export class Authenticator {
    constructor(params: {
      region: string
      userPoolId: string
      userPoolAppId: string
      userPoolDomain: string
      csrfProtection: { nonceSigningSecret: string }
    })
    handle(event: object): Promise<object>
  }
}

declare module '@hono/oidc-auth' {
  import type { MiddlewareHandler } from 'hono'

  export function initOidcAuthMiddleware(config: Record<string, string>): MiddlewareHandler
  export function oidcAuthMiddleware(): MiddlewareHandler
}
