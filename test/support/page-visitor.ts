/** A page, as a browser without scripts has it: its address, and the first form that has what is to be filled in. */
export interface VisitedPage {
  readonly url: string
  readonly status: number
  readonly text: string
  readonly title: string
  /** The alert of the page. */
  readonly error: string | undefined
}

/** Visits pages of managed login without a browser: keeps cookies, follows redirects, fills in forms. */
export class PageVisitor {
  readonly #fetch: (request: Request) => Promise<Response>
  readonly cookies = new Map<string, string>()
  page: VisitedPage = { url: 'about:blank', status: 0, text: '', title: '', error: undefined }
  /** The first address outside, to which the pages have led. */
  outside: string | undefined

  constructor(send: (request: Request) => Promise<Response>) {
    this.#fetch = send
  }

  /** Opens an address. Stops where a redirect leads to another origin. */
  async open(address: string, init?: RequestInit): Promise<this> {
    const { origin } = new URL(address)
    let [url, options] = [address, init]
    this.outside = undefined
    for (let hops = 0; hops < 10; hops++) {
      const request = new Request(url, { ...options, redirect: 'manual' })
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      if (cookie !== '') request.headers.set('cookie', cookie)
      const response = await this.#fetch(request)
      for (const line of response.headers.getSetCookie()) this.#keep(line)
      const location = response.headers.get('location')
      if (location === null) {
        const text = await response.text()
        const [, title = ''] = /<title>(.*?)<\/title>/.exec(text) ?? []
        const [, error] = /<p class="error" role="alert">(.*?)<\/p>/.exec(text) ?? []
        this.page = { url, status: response.status, text, title: decode(title), error: error && decode(error) }
        return this
      }
      const next = URL.canParse(location) ? location : new URL(location, url).href
      if (!next.startsWith(`${origin}/`)) {
        this.outside = next
        return this
      }
      ;[url, options] = [next, undefined]
    }
    throw new Error('The pages redirect without end.')
  }

  /** Sends the form that has a field or a button of each name, with its hidden fields. */
  async send(values: Readonly<Record<string, string>>): Promise<this> {
    const forms = this.page.text.match(/<form[^>]*>.*?<\/form>/gs) ?? []
    const form = forms.find((one) => Object.keys(values).every((name) => one.includes(`name="${name}"`)))
    if (form === undefined)
      throw new Error(`No form of "${this.page.title}" has ${Object.keys(values)}: ${this.page.error}`)
    const body = new URLSearchParams(values)
    for (const [input] of form.matchAll(/<input[^>]*>/g)) {
      const [, name = ''] = /name="(.*?)"/.exec(input) ?? []
      const [, value = ''] = /value="(.*?)"/.exec(input) ?? []
      if (!body.has(name)) body.set(name, decode(value))
    }
    return this.open(this.page.url, { method: 'POST', body })
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (line.includes('Max-Age=0')) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }

  /** The parameters with which the pages have led back to the client. */
  get answer(): URLSearchParams {
    const url = new URL(this.outside ?? 'about:blank')
    return new URLSearchParams(url.hash === '' ? url.search : url.hash.slice(1))
  }
}

function decode(text: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name] ?? '')
}
