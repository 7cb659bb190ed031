import { runInThisContext } from 'node:vm'
import { expect, it } from 'vitest'
import { inParentheses } from '../../scripts/lib/eager.mjs'

/** Every function of the text that ends where the marker stands has run. */
function eager(marked: string): string {
  const ends = new Set<number>()
  const parts = marked.split('¶')
  for (const [at] of parts.slice(1).entries()) ends.add(parts.slice(0, at + 1).join('').length)
  return inParentheses(parts.join(''), ends).code
}

it.each([
  ['an arrow function', 'const f = (a) => a¶', 'const f = ((a) => a)'],
  ['one that is an argument', 'each((a) => a¶)', 'each(((a) => a))'],
  ['one within another', 'const f = () => () => 1¶', 'const f = (() => (() => 1))'],
  ['a function expression', 'const f = async function () {}¶', 'const f = (async function () {})'],
  ['a declaration', 'function f(a) { return a }¶', 'const f = (function(a) { return a });'],
  ['an exported one', 'export async function f() {}¶', 'export const f = (async function() {});'],
  ['a property', 'const o = { f: () => 1¶ }', 'const o = { f: (() => 1) }'],
  [
    'a declaration after the end of its function',
    'const f = () => { return g(); function g() { return 1 }¶ }',
    'const f = () => {\nconst g = (function() { return 1 }); return g();  }',
  ],
])('%s goes into parentheses', (_what, text, expected) => {
  expect(eager(text)).toBe(expected)
})

it.each([
  ['a function that did not run', 'function f() {}'],
  ['a method', 'const o = { f() {}¶ }'],
  ['a method of a class', 'class C { constructor() {}¶ static f() {}¶ get g() { return 1 }¶ }'],
  ['a getter and a setter', 'const o = { get g() { return 1 }¶, set g(v) {}¶ }'],
  ['a generator', 'export function* f() {}¶'],
  ['an asynchronous generator', 'const f = async function* () {}¶'],
  ['a declaration in a block, which belongs to it', 'if (a) { function f() {}¶ }'],
  ['a default export', 'export default function () {}¶'],
])('%s stays as it is', (_what, text) => {
  expect(eager(text)).toBe(text.replaceAll('¶', ''))
})

it('a function keeps its name, and what it gives', () => {
  const text = `function twice(n) { return add(n, n); function add(a, b) { return a + b }¶ }¶; [twice.name, twice(3)]`
  expect(runInThisContext(eager(text))).toEqual(['twice', 6])
})
