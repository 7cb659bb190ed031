import { expect, it } from 'vitest'
import { inWords } from '../../../examples/playground/verdict.ts'
import { defineGroups } from '../../../src/index.ts'

const groups = defineGroups(
  {
    viewer: { allow: ['posts.read'] },
    editor: { inherits: ['viewer'], allow: ['posts.write'] },
    banned: { deny: ['posts.*'] },
    admin: { allow: ['*'] },
    recent: { allow: [{ permission: 'posts.purge', when: { auth_time: { maxAge: 60 } } }] },
  },
  { permissions: ['posts.read', 'posts.write', 'posts.purge'] },
)

it.each([
  [['viewer'], 'posts.read', 'Allowed: viewer allows posts.read.'],
  [['editor'], 'posts.read', 'Allowed: viewer allows posts.read (inherited by editor).'],
  [['editor', 'admin'], 'posts.write', 'Allowed: editor allows posts.write and admin allows *.'],
  [['admin', 'banned'], 'posts.read', 'Refused: banned denies posts.*, and a deny wins over every allow.'],
  [[], 'posts.write', 'Refused: alice is in no group. editor or admin would allow it.'],
  [
    ['viewer', 'Visitors'],
    'posts.purge',
    'Refused: nothing in viewer and Visitors allows posts.purge, and what is not allowed is denied. admin would allow it.',
  ],
  [
    ['recent'],
    'posts.purge',
    'Refused: recent allows posts.purge, but a condition on auth_time does not hold. admin would allow it.',
  ],
])('puts the decision on %j and %s into words', (memberOf, name, sentence) => {
  expect(inWords(groups.explain(memberOf, name, { claims: { auth_time: 0 } }), 'alice')).toBe(sentence)
})
