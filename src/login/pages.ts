/** What a page of the login has to say. */
export type LoginPageKind =
  /** Nobody is signed in, and this request cannot be sent on to a login: a form that was sent, or a frame. 401. */
  | 'sign-in'
  /** The user may not do this. 403. */
  | 'forbidden'
  /** Cognito, or the issuer's keys, cannot be reached. 503. */
  | 'unavailable'
  /** A callback that belongs to no login of this browser. 400. */
  | 'start-again'
  /** Cognito refused, or its answer did not hold. 400. */
  | 'failed'
  /** The user turned back at Cognito. 400. */
  | 'cancelled'
  /** The sign-in is not as fresh or as strong as was asked for. 403. */
  | 'too-weak'
  /** Two logins in a row led back to a third one. 400. */
  | 'loop'
  /** The session does not fit into cookies. 500. */
  | 'too-large'
  /** Asks whether to sign out, since a link alone does not. 200. */
  | 'sign-out'
  | 'signed-out'

/** A page of the login, as a `pages` option is given it. */
export interface LoginPage {
  readonly kind: LoginPageKind
  readonly status: number
  readonly title: string
  /** What there is to say beyond the title; empty where that says all. */
  readonly text: string
  /** What the link or the button says; absent where the page has neither. */
  readonly action?: string | undefined
  /** Where the link leads, or the form of the button. It is a path, or an https URL. */
  readonly href?: string | undefined
  /** `post`: a button that sends a form; `get`: a link. */
  readonly method?: 'get' | 'post' | undefined
}

/** Status, title, what there is to say beyond it, and what the link or the button says. */
const texts: Readonly<Record<LoginPageKind, readonly [number, string, string, string?]>> = {
  'sign-in': [401, 'Please sign in', '', 'Sign in'],
  forbidden: [403, 'No access', 'Your account may not open this page.'],
  unavailable: [503, 'Please try again', 'The sign-in service does not answer.', 'Try again'],
  'start-again': [400, 'Please start again', 'It is over, or of another browser.', 'Sign in'],
  failed: [400, 'Sign-in failed', '', 'Try again'],
  cancelled: [400, 'Sign-in cancelled', '', 'Sign in'],
  'too-weak': [403, 'A stronger sign-in is needed', '', 'Try again'],
  loop: [400, 'Sign-in does not hold', 'Cookies may be blocked, or your account is not let in.', 'Start afresh'],
  'too-large': [500, 'Sign-in failed', 'Your account has too many groups.'],
  'sign-out': [200, 'Sign out', '', 'Sign out'],
  'signed-out': [200, 'Signed out', '', 'Sign in'],
}

/** The page of a kind. `href` is used where the page has a link. */
export function pageOf(kind: LoginPageKind, href: string): LoginPage {
  const [status, title, text, action] = texts[kind]
  return { kind, status, title, text, ...(action && { action, href, method: kind === 'sign-out' ? 'post' : 'get' }) }
}

/** A plain page, in HTML. `loginPages` makes nicer ones. */
export function plainPage({ title, text, action, href, method }: LoginPage): string {
  const name = escapeHtml(title)
  const label = escapeHtml(action)
  const target = `"${escapeHtml(href)}" target=_top>`
  const form = `<form method=post action=${target}<button>${label}</button></form>`
  const link = action && (method === 'post' ? form : `<a href=${target}${label}</a>`)
  return `<!doctype html><meta name=viewport content="width=device-width"><title>${name}</title><h1>${name}</h1><p>${escapeHtml(text)}</p>${link ?? ''}`
}

/** Escapes what HTML takes for markup, in text and in quoted attributes. */
export function escapeHtml(text = ''): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
