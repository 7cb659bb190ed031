declare namespace Cloudflare {
  /** The variables of wrangler.toml. */
  interface Env {
    readonly COGNITO_USER_POOL_ID: string
    readonly COGNITO_CLIENT_ID: string
  }

  /** What makes `exports.default` in the tests the worker of wrangler.toml. */
  interface GlobalProps {
    mainModule: typeof import('../../../examples/worker.ts')
  }
}
