/**
 * Whether this is a page. Browsers keep `Cookie`, `Origin` and `Set-Cookie` from scripts, and make timers wait; what a test needs
 * of these it cannot have there.
 */
export const inBrowser = 'document' in globalThis
