/** What the tests use of oidc-provider, which brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface Grant {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }

  interface Context {
    readonly oidc: {
      readonly client?: { readonly clientId: string }
      readonly provider: { readonly Grant: new (options: { clientId: string | undefined; accountId: string }) => Grant }
    }
  }

  interface Configuration {
    readonly findAccount?: (context: Context, id: string) => { accountId: string; claims: () => object }
    readonly extraTokenClaims?: (context: Context, token: { accountId?: string }) => object
    readonly loadExistingGrant?: (context: Context) => Promise<Grant>
    readonly interactions?: { readonly url: (context: Context, interaction: { readonly uid: string }) => string }
    readonly [option: string]: unknown
  }

  class Provider {
    constructor(issuer: string, configuration: Configuration)
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
  }

  // biome-ignore lint/style/noDefaultExport: the package has one.
  export default Provider
}
