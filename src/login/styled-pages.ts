import { assertConfig } from '../errors.ts'
import { checkOptions } from '../internal/options.ts'
import { escapeHtml, type LoginPage, type LoginPageKind } from './pages.ts'

/** The words of a page in another language. */
export interface PageTexts {
  readonly title: string
  readonly text: string
  readonly action?: string | undefined
}

export interface LoginPagesOptions {
  /** The name of the application, above each page. Default: none. */
  readonly name?: string | undefined
  /** The language of the texts, for screen readers. Default `en`. */
  readonly lang?: string | undefined
  /** A colour of CSS for the button, such as `#0a58ca`. */
  readonly color?: string | undefined
  /** Texts that replace the English ones. */
  readonly texts?: { readonly [K in LoginPageKind]?: PageTexts | undefined } | undefined
}

/**
 * Pages that look like something, light and dark, with the application's name, colour and language: the `pages` option of
 * `createLogin`. Throws ConfigurationError, naming the option.
 *
 * @example
 * ```ts
 * import { loginPages } from 'cognigate/login'
 *
 * const pages = loginPages({
 *   name: 'Example',
 *   lang: 'de',
 *   texts: { forbidden: { title: 'Kein Zugang', text: 'Ihr Konto darf diese Seite nicht öffnen.' } },
 * })
 * ```
 */
export function loginPages(options: LoginPagesOptions = {}): (page: LoginPage) => string {
  checkOptions<LoginPagesOptions>('loginPages', options, ['name', 'lang', 'color', 'texts'])
  const { name, lang = 'en', color = '#0a58ca', texts = {} } = options
  assertConfig('loginPages: color', /^(#[\da-f]{3,8}|[a-z]+)$/i.test(color), 'a colour such as #0a58ca.')
  assertConfig('loginPages: lang', /^[\w-]+$/.test(lang), 'a language such as en.')
  const style = `:root{color-scheme:light dark}body{font:1.05rem/1.5 system-ui,sans-serif;max-width:26rem;margin:18vh auto;padding:0 1.5rem}h1{font-size:1.5rem;margin:.5rem 0}small{opacity:.7}a,button{display:inline-block;font:inherit;margin-top:1rem;padding:.6rem 1.2rem;border:0;border-radius:.5rem;background:${color};color:#fff;text-decoration:none;cursor:pointer}a:focus-visible,button:focus-visible{outline:3px solid currentColor;outline-offset:2px}`
  return (page) => {
    const { title, text, action = page.action ?? '' } = { action: page.action, ...(texts[page.kind] ?? page) }
    const label = escapeHtml(action)
    const target = `"${escapeHtml(page.href)}" target="_top"`
    const link =
      page.method === 'post'
        ? `<form method="post" action=${target}><button>${label}</button></form>`
        : `<a href=${target}>${label}</a>`
    const above = name === undefined ? '' : `<small>${escapeHtml(name)}</small>`
    return `<!doctype html><html lang="${lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title><style>${style}</style><main>${above}<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${page.method ? link : ''}</main></html>`
  }
}
