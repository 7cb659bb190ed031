import { assertConfig } from '../../errors.ts'
import { checkOptions } from '../../internal/options.ts'
import type { SessionStore } from './store.ts'

/** What is needed of the platform's D1Database. */
export interface SessionDatabase {
  prepare(query: string): SessionStatement
}

export interface SessionStatement {
  bind(...values: (string | number)[]): SessionStatement
  first<T>(column: string): Promise<T | null>
  run(): Promise<unknown>
}

export interface D1SessionsOptions {
  /** The table's name. Default `cognigate_sessions`. */
  readonly table?: string | undefined
  /** Replaces the clock. Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined
}

/**
 * Keeps sessions in a table of D1, which `migration` creates: run it once, as a migration. A sign-out counts everywhere at once.
 * Throws ConfigurationError where `database` is none.
 *
 * @example
 * ```ts
 * import { d1Sessions, type SessionDatabase } from 'cognigate/login'
 *
 * const storeOf = (env: { readonly DATABASE: SessionDatabase }) => d1Sessions(env.DATABASE)
 * ```
 */
export function d1Sessions(
  database: SessionDatabase,
  options: D1SessionsOptions = {},
): SessionStore & { readonly migration: string; removeExpired(): Promise<void> } {
  checkOptions<D1SessionsOptions>('d1Sessions', options, ['table', 'now'])
  assertConfig('d1Sessions', typeof database?.prepare === 'function', 'a D1 database; is its binding configured?')
  const { table = 'cognigate_sessions', now = Date.now } = options
  assertConfig('d1Sessions: table', /^[a-z_]\w*$/i.test(table), 'letters, digits and _.')
  const end = (seconds: number) => Math.floor(now() / 1000 + seconds)
  const run = async (query: string, ...values: (string | number)[]) => {
    await database
      .prepare(query)
      .bind(...values)
      .run()
  }
  return {
    migration: `CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, value TEXT NOT NULL, until INTEGER NOT NULL)`,
    async get(key) {
      const query = `SELECT value FROM ${table} WHERE key = ? AND until > ?`
      return (await database.prepare(query).bind(key, end(0)).first<string>('value')) ?? undefined
    },
    put: (key, value, seconds) => run(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?)`, key, value, end(seconds)),
    replace: (key, value, seconds) =>
      run(`UPDATE ${table} SET value = ?, until = ? WHERE key = ?`, value, end(seconds), key),
    delete: (key) => run(`DELETE FROM ${table} WHERE key = ?`, key),
    /** Removes sessions that are over: for a cron trigger. */
    removeExpired: () => run(`DELETE FROM ${table} WHERE until <= ?`, end(0)),
  }
}
