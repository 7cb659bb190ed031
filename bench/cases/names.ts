/** The signature alone: nothing can verify a first-seen token in less. */
export const floor = 'subtle.verify'

/** What the Hono cases are measured over. */
export const noop = 'Hono, no-op middleware'

/** What asking for a decision costs without an answer; less this, the rest is the subject's own. */
export const loop = 'loop'
