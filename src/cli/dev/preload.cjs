// Loaded before anything else into the processes that `cognigate dev` starts: what they send to the services of the local AWS
// goes to COGNIGATE_LOCAL_URL, and everything else where it went before. It touches the global `fetch`, and what Workers send
// in miniflare, which is in `wrangler dev` and in Cloudflare's plugin for Vite. It works on every Node from 20.3 on.
'use strict'
const Module = require('node:module')

const base = process.env.COGNIGATE_LOCAL_URL
const hosts =
  /^(?:(?:issuer-)?cognito-idp|cognito-identity|iam|sts)(?:-fips)?\.(?:[a-z0-9-]+\.)?amazonaws\.(?:com(?:\.cn)?|eu)$|\.amazoncognito\.com$/

/** The request, sent to the local AWS under the name it was meant for. */
async function redirect(request, send) {
  const { pathname, search, host } = new URL(request.url)
  const headers = Object.fromEntries(request.headers)
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  return send(base + pathname + search, {
    method: request.method,
    headers: { ...headers, host },
    body: hasBody ? await request.arrayBuffer() : undefined,
    redirect: 'manual',
    signal: request.signal,
  })
}

function isMeant(url) {
  return hosts.test(new URL(url).hostname)
}

if (base) {
  const { fetch, Request } = globalThis
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init)
    return isMeant(request.url) ? redirect(request, fetch) : fetch(input, init)
  }

  const patched = new WeakMap()
  const load = Module._load
  Module._load = function (name, ...rest) {
    const exports = load.call(this, name, ...rest)
    if (name !== 'miniflare' || typeof exports?.Miniflare !== 'function') return exports
    if (!patched.has(exports)) patched.set(exports, patch(exports))
    return patched.get(exports)
  }
}

/** Miniflare whose Workers reach the local AWS: by the options as they are written since version 4, which 5 converts. */
function patch(miniflare) {
  const serve = (request) => (isMeant(request.url) ? redirect(request, miniflare.fetch) : miniflare.fetch(request))
  // What wrangler has in front hands requests of browsers on, with fields that no fetch of Node can set.
  const isOwn = ({ name }) => name === 'ProxyWorker' || name === 'InspectorProxyWorker'
  const withOutbound = (worker) => (isOwn(worker) ? worker : { outboundService: serve, ...definedOf(worker) })
  const convert = (options) =>
    Array.isArray(options.workers) ? { ...options, workers: options.workers.map(withOutbound) } : withOutbound(options)
  const replaced = miniflare.convertV4MiniflareOptions
    ? { convertV4MiniflareOptions: (options) => miniflare.convertV4MiniflareOptions(convert(options)) }
    : {
        Miniflare: class extends miniflare.Miniflare {
          constructor(options) {
            super(convert(options))
          }
          setOptions(options) {
            return super.setOptions(convert(options))
          }
        },
      }
  const exports = Object.create(miniflare)
  for (const [name, value] of Object.entries(replaced))
    Object.defineProperty(exports, name, { value, enumerable: true })
  return exports
}

function definedOf(worker) {
  return Object.fromEntries(Object.entries(worker).filter(([, value]) => value !== undefined))
}
