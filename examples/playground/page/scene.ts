/** What the page is told of the app that it calls. */
export interface Scene {
  readonly userPoolId: string
  /** Whether the pool is the local one. */
  readonly isLocal: boolean
  /** Whether managed login can be reached, for sessions. */
  readonly hasManagedLogin: boolean
  /** The groups of the map. */
  readonly groups: readonly string[]
  readonly permissions: readonly SceneRoute[]
  /** Calls of the admin API, which change the groups of the local pool. Empty before a real user pool. */
  readonly administration: readonly SceneRoute[]
  /** Who can be chosen as the caller: who has signed in, and users of the local pool. */
  readonly callers: readonly SceneCaller[]
}

/** A route of the app. */
export interface SceneRoute {
  readonly name: string
  readonly method: string
  readonly path: string
  /** Group → what its members may do with it; absent where any signed-in user may call it. */
  readonly access?: { readonly [group: string]: 'allow' | 'deny' | 'conditional' } | undefined
  /** The permission of the map that is asked for. Default: the one of this name. */
  readonly guardedBy?: string
}

/** Somebody with a token of the local pool. */
export interface SceneCaller {
  readonly id: string
  readonly name: string
  /** What is to be known of the caller, in a few words. */
  readonly about: string
  /** What is to be known of the caller, in a sentence. */
  readonly story: string
  /** The groups that count: none where the token is worth nothing. */
  readonly groups: readonly string[]
  /** Whether a session in a cookie takes the place of a token. */
  readonly hasSession?: boolean
}

/** A message with a code, which the local pool did not really send. */
export interface SceneMessage {
  readonly to: string
  readonly purpose: string
  readonly code: string
}

/** Why a call is allowed or refused. */
export interface Verdict {
  readonly allowed: boolean
  /** The code of the decision, or of the error that came before any. */
  readonly code: string
  /** The same for people. */
  readonly sentence: string
  /** Whom the token stands for; absent where it stands for nobody. */
  readonly caller?: { readonly username: string; readonly groups: readonly string[] }
  /** The decision with its reasons, where the groups were asked. */
  readonly decision?: object
}
