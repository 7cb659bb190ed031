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
  readonly text: string
  /** What the link or the button says; absent where the page has neither. */
  readonly action?: string | undefined
  /** Where the link leads, or the form of the button. It is a path, or an https URL. */
  readonly href?: string | undefined
  /** `post`: a button that sends a form; `get`: a link. */
  readonly method?: 'get' | 'post' | undefined
}

const again = 'Sign in'

/** Status, title, text, and what the link says. */
const texts: Readonly<Record<LoginPageKind, readonly [number, string, string, string?]>> = {
  'sign-in': [401, 'Please sign in', 'This page needs a sign-in.', again],
  forbidden: [403, 'No access', 'Your account may not open this page.'],
  unavailable: [503, 'Please try again', 'The sign-in service does not answer right now.', 'Try again'],
  'start-again': [400, 'Please start again', 'This sign-in is over, or was started in another browser.', again],
  failed: [400, 'Sign-in failed', 'The sign-in could not be completed.', 'Try again'],
  cancelled: [400, 'Sign-in cancelled', 'You are not signed in.', again],
  'too-weak': [
    403,
    'A stronger sign-in is needed',
    'The sign-in was not as recent or as strong as needed.',
    'Try again',
  ],
  loop: [
    400,
    'Sign-in does not hold',
    'You signed in, and were asked again at once. Cookies may be blocked, or this account is not let in.',
    'Start afresh',
  ],
  'too-large': [500, 'Sign-in failed', 'The account has too many groups for a session in cookies.'],
  'sign-out': [200, 'Sign out', 'Do you want to sign out?', 'Sign out'],
  'signed-out': [200, 'Signed out', 'You are signed out.', again],
}

/** The page of a kind. `href` is used where the page has a link. */
export function pageOf(kind: LoginPageKind, href: string): LoginPage {
  const [status, title, text, action] = texts[kind]
  return { kind, status, title, text, ...(action && { action, href, method: kind === 'sign-out' ? 'post' : 'get' }) }
}

/** A plain page, in HTML. `loginPages` makes nicer ones. */
export function plainPage({ title, text, action, href = '', method }: LoginPage): string {
  const label = escapeHtml(action ?? '')
  const target = `"${escapeHtml(href)}" target=_top`
  const link =
    method === 'post'
      ? `<form method=post action=${target}><button>${label}</button></form>`
      : `<a href=${target}>${label}</a>`
  const name = escapeHtml(title)
  return `<!doctype html><meta charset=utf-8><meta name=viewport content="width=device-width"><title>${name}</title><h1>${name}</h1><p>${escapeHtml(text)}</p>${action ? link : ''}`
}

/** Escapes what HTML takes for markup, in text and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
