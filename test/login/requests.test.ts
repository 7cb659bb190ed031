import { describe, expect, it } from 'vitest'
import { isFramed, isPassive, returnAddress, wantsPage } from '../../src/login/requests.ts'

const origin = 'https://app.example.com'
const rules = {
  origin,
  origins: ['https://admin.example.com', 'http://localhost:8787'],
  own: new Set(['/auth/login', '/auth/callback', '/auth/logout', '/auth/me']),
}

describe('a return address', () => {
  it.each([
    ['another host by two slashes', '//evil.example'],
    ['three slashes', '///evil.example'],
    ['a slash and a backslash', '/\\evil.example'],
    ['two backslashes', '\\\\evil.example'],
    ['a backslash after a dot', '/./\\evil.example'],
    ['a backslash anywhere', '/a\\..\\..\\evil'],
    ['a tab between slashes, which browsers drop', '/\t/evil.example'],
    ['a line feed between slashes', '/\n/evil.example'],
    ['a carriage return and a header field', '/a\r\nset-cookie: x=1'],
    ['a NUL', '/\0/evil.example'],
    ['a control character of C1', '/a\u0085b'],
    ['a blank in front', ' /a'],
    ['a tab in front', '\t//evil.example'],
    ['a dot segment that leaves two slashes', '/.//evil.example'],
    ['an encoded dot segment that leaves two slashes', '/%2e//evil.example'],
    ['two dot segments that leave two slashes', '/..//evil.example'],
    ['a way up that leaves two slashes', '/a/../..//evil.example'],
    ['an encoded way up that leaves two slashes', '/a/%2e%2e//evil.example'],
    ['a slash that is encoded, without one in front', '%2f%2fevil.example'],
    ['a path without a slash', 'evil.example'],
    ['a script', 'javascript:alert(1)'],
    ['a script in capitals', 'JavaScript:alert(1)'],
    ['data', 'data:text/html,x'],
    ['a blob of this origin', `blob:${origin}/x`],
    ['another origin', 'https://evil.example/x'],
    ['another origin without slashes', 'https:evil.example'],
    ['another origin with one slash', 'https:/evil.example'],
    ['another origin with a slash too many', 'https:///evil.example'],
    ['plain http of this host', 'http://app.example.com/x'],
    ['another port of this host', 'https://app.example.com:444/x'],
    ['this host as user information', 'https://app.example.com@evil.example/'],
    ['this host as user and password', 'https://app.example.com:x@evil.example/'],
    ['this host as a beginning', 'https://app.example.com.evil.example/'],
    ['this host as an end', 'https://evilapp.example.com/'],
    ['this host with a dot at its end', 'https://app.example.com./x'],
    ['this host before a question mark', 'https://evil.example?https://app.example.com/'],
    ['an allowed origin as a beginning', 'https://admin.example.com.evil.example/x'],
    ['an allowed host by plain http', 'http://admin.example.com/x'],
    ['an allowed host as user information', 'https://admin.example.com@evil.example/'],
    ['a host of other letters that look alike', 'https://app.exаmple.com/x'],
    ['two slashes of full width', 'https:／／evil.example'],
    ['the login', '/auth/login'],
    ['the login with a query', '/auth/login?return_to=/a'],
    ['the login by a way up', '/a/../auth/login'],
    ['the sign-out', '/auth/logout?x=1'],
    ['the callback', `${origin}/auth/callback?code=x`],
    ['a port that is none', 'https://app.example.com:99999/'],
    ['1,501 characters', `/${'a'.repeat(1500)}`],
    ['nothing', ''],
    ['no address at all', undefined],
    ['null', null],
  ])('that is %s becomes /', (_, given) => {
    expect(returnAddress(given, rules)).toBe('/')
  })

  it.each([
    ['/', '/'],
    ['/a//b?next=//evil.example#c', '/a//b?next=//evil.example#c'],
    ['/%5cevil.example', '/%5cevil.example'],
    ['/%2f%2fevil.example', '/%2f%2fevil.example'],
    ['/%09/evil.example', '/%09/evil.example'],
    ['/a/../b', '/b'],
    ['/a b', '/a%20b'],
    ['/／evil.example', '/%EF%BC%8Fevil.example'],
    ['/?q=ä', '/?q=%C3%A4'],
    ['/auth/other', '/auth/other'],
    [`/${'a'.repeat(1499)}`, `/${'a'.repeat(1499)}`],
    ['/auth/login/', '/auth/login/'],
    [`${origin}/x?y=1`, '/x?y=1'],
    ['HTTPS://APP.EXAMPLE.COM/x', '/'],
    ['https://APP.example.com:443/x', '/x'],
    ['https://user:secret@app.example.com/x', '/x'],
    ['https://admin.example.com/x?y#z', 'https://admin.example.com/x?y#z'],
    ['https://user:secret@admin.example.com/x', 'https://admin.example.com/x'],
    ['https://admin.example.com//evil.example', '/'],
    ['http://localhost:8787/x', 'http://localhost:8787/x'],
  ])('%s leads to %s, as browsers read it', (given, expected) => {
    const address = returnAddress(given, rules)
    expect(address).toBe(expected)
    const { origin: reached } = new URL(address, origin)
    expect([origin, ...rules.origins]).toContain(reached)
    expect(returnAddress(address, rules)).toBe(address)
  })
})

describe('a request', () => {
  const ask = (headers: Record<string, string>, method = 'GET') => new Request(`${origin}/`, { headers, method })

  it.each<[boolean, Record<string, string>]>([
    [true, { 'sec-purpose': 'prefetch' }],
    [true, { 'sec-purpose': 'prefetch;prerender' }],
    [true, { 'sec-purpose': 'prefetch;anonymous-client-ip' }],
    [true, { 'sec-purpose': 'prerender' }],
    [true, { purpose: 'prefetch' }],
    [true, { purpose: 'Preview' }],
    [true, { 'x-purpose': 'preview' }],
    [true, { 'x-moz': 'prefetch' }],
    [true, { 'next-router-prefetch': '1' }],
    [true, { 'x-middleware-prefetch': '1' }],
    [false, {}],
    [false, { purpose: 'navigation' }],
    [false, { accept: 'text/html', 'sec-fetch-mode': 'navigate' }],
  ])('only looks ahead (%s) with %o', (expected, headers) => {
    expect(isPassive(ask(headers))).toBe(expected)
  })

  it('only looks ahead where it is HEAD, and no other method is taken for one', () => {
    for (const method of ['HEAD', 'GET', 'POST', 'OPTIONS', 'PUT', 'DELETE'])
      expect(isPassive(ask({}, method))).toBe(method === 'HEAD')
  })

  it.each<[boolean, Record<string, string>]>([
    [true, { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' }],
    [true, { accept: 'TEXT/HTML' }],
    [false, { accept: 'text/html', 'sec-fetch-mode': 'cors' }],
    [false, { accept: 'text/html', 'sec-fetch-mode': 'same-origin' }],
    [false, { accept: 'text/html', 'sec-fetch-mode': 'no-cors' }],
    [false, { accept: 'text/html', 'sec-fetch-mode': 'websocket' }],
    [false, { accept: '*/*', 'sec-fetch-mode': 'navigate' }],
    [false, { accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' }],
    [false, { accept: 'application/json' }],
    [false, {}],
  ])('wants a page (%s) with %o', (expected, headers) => {
    expect(wantsPage(ask(headers))).toBe(expected)
  })

  it('is framed where its page is shown in anything but a tab', () => {
    for (const dest of ['iframe', 'frame', 'embed', 'object', 'fencedframe'])
      expect(isFramed(ask({ 'sec-fetch-dest': dest }))).toBe(true)
    expect(isFramed(ask({ 'sec-fetch-dest': 'document' }))).toBe(false)
    expect(isFramed(ask({}))).toBe(false)
  })
})
