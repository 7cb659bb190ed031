/**
 * Keeps sessions on the server. What it is given is sealed, and its key is a hash of the id that the browser has. A session that was
 * deleted never comes back: `replace` must not create one.
 */
export interface SessionStore {
  get(key: string): Promise<string | undefined>
  /** Keeps a new session for some seconds. */
  put(key: string, value: string, seconds: number): Promise<void>
  /** Replaces the value of a session that is still there. */
  replace(key: string, value: string, seconds: number): Promise<void>
  delete(key: string): Promise<void>
}

/** Lets one of several that renew the same session do it, and gives the others what it got. */
export interface Renewals {
  /**
   * Runs `work` for one caller of a key, and gives its result to all that come with this key, at the same time or later. Where `work`
   * throws, its caller gets the error and the next one tries. The result is sealed.
   */
  once(key: string, work: () => Promise<string>): Promise<string>
}
