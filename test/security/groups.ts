import type { GroupDefinition } from '../../src/permissions/index.ts'

/** What a caller sends, against one of the maps below, and the one acceptable answer. */
export interface HostileRow {
  readonly what: string
  readonly map: keyof typeof maps
  readonly memberOf: readonly string[]
  readonly fn: string
  readonly code: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_DEFAULT' | 'DENY_CONDITION' | 'NO_GROUPS'
}

export const maps = {
  empty: {},
  plain: {
    admin: { allow: ['*', 'posts.read', 'posts.purge'] },
    viewer: { allow: ['posts.read', 'posts.drafts.*'] },
    editor: { inherits: ['viewer'], allow: ['posts.write', 'posts.drafts.read'], deny: ['posts.purge'] },
    chief: { inherits: ['editor'] },
    head: { inherits: ['chief'], allow: ['posts.*'] },
    nobody: {},
  },
  // Computed keys: a literal `__proto__:` would set the prototype.
  properties: {
    ['__proto__']: { allow: ['constructor', '__proto__', 'a.__proto__'] },
    constructor: { allow: ['toString'] },
    hasOwnProperty: { inherits: ['__proto__'], deny: ['toString'] },
    '*': { allow: ['a.b'] },
    'a,b': { allow: ['hasOwnProperty'] },
  },
} satisfies Record<string, Record<string, GroupDefinition>>

const strangers = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  'length',
  '0',
  '*',
  'posts.*',
  'a,b',
  'viewer,admin',
  ' admin',
  'admin ',
  'admin\u200b',
  'admin\u0000',
  'admin\n',
  'Admin',
  'ADMIN',
  '\u0430dmin',
  'a\u0301dmin',
  'ádmin'.normalize('NFD'),
  '\ufeffadmin',
  'admin\ud800',
  '',
  'null',
  'undefined',
]

const oddFunctions = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '*',
  'posts.*',
  'posts',
  'posts.',
  '.posts.read',
  'posts..read',
  'posts.read.',
  'Posts.read',
  'posts.read ',
  'posts.read\u200b',
  'p\u043ests.read',
  'posts.read,posts.write',
  'posts.drafts',
  'posts.drafts.other',
  '',
]

export const rows: readonly HostileRow[] = [
  ...strangers.flatMap((name): HostileRow[] => [
    { what: 'a strange group', map: 'plain', memberOf: [name], fn: 'posts.read', code: 'DENY_DEFAULT' },
    { what: 'a strange group of an empty map', map: 'empty', memberOf: [name], fn: 'posts.read', code: 'DENY_DEFAULT' },
    {
      what: 'a strange group beside a poor one',
      map: 'plain',
      memberOf: ['viewer', name],
      fn: 'posts.purge',
      code: 'DENY_DEFAULT',
    },
    {
      what: 'a strange group beside a denied one',
      map: 'plain',
      memberOf: [name, 'editor'],
      fn: 'posts.purge',
      code: 'DENY_EXPLICIT',
    },
    {
      what: 'a strange group beside a good one',
      map: 'plain',
      memberOf: [name, 'viewer'],
      fn: 'posts.read',
      code: 'ALLOW',
    },
  ]),
  ...oddFunctions.map(
    (fn): HostileRow => ({
      what: 'an odd function',
      map: 'plain',
      memberOf: ['admin', 'head'],
      fn,
      code: 'DENY_DEFAULT',
    }),
  ),
  { what: 'no groups', map: 'plain', memberOf: [], fn: 'posts.read', code: 'NO_GROUPS' },
  { what: 'no groups, empty map', map: 'empty', memberOf: [], fn: 'posts.read', code: 'DENY_DEFAULT' },
  { what: 'a group without rules', map: 'plain', memberOf: ['nobody'], fn: 'posts.read', code: 'DENY_DEFAULT' },
  { what: 'inherited through two levels', map: 'plain', memberOf: ['chief'], fn: 'posts.read', code: 'ALLOW' },
  { what: 'a deny of its own', map: 'plain', memberOf: ['editor'], fn: 'posts.purge', code: 'DENY_EXPLICIT' },
  { what: 'a deny through two levels', map: 'plain', memberOf: ['chief'], fn: 'posts.purge', code: 'DENY_EXPLICIT' },
  {
    what: 'a deny through three levels, allowed below',
    map: 'plain',
    memberOf: ['head'],
    fn: 'posts.purge',
    code: 'DENY_EXPLICIT',
  },
  {
    what: 'a deny through three levels, allowed beside',
    map: 'plain',
    memberOf: ['admin', 'head'],
    fn: 'posts.purge',
    code: 'DENY_EXPLICIT',
  },
  {
    what: 'the same in the other order',
    map: 'plain',
    memberOf: ['head', 'admin'],
    fn: 'posts.purge',
    code: 'DENY_EXPLICIT',
  },
  {
    what: '10,000 groups, the last known',
    map: 'plain',
    memberOf: [...Array(9_999).fill('x'), 'viewer'],
    fn: 'posts.read',
    code: 'ALLOW',
  },
  {
    what: '10,000 unknown groups',
    map: 'plain',
    memberOf: Array(10_000).fill('x'),
    fn: 'posts.read',
    code: 'DENY_DEFAULT',
  },
  { what: 'a group named __proto__', map: 'properties', memberOf: ['__proto__'], fn: '__proto__', code: 'ALLOW' },
  {
    what: 'no more than its own rules',
    map: 'properties',
    memberOf: ['__proto__'],
    fn: 'toString',
    code: 'DENY_DEFAULT',
  },
  { what: 'a group named constructor', map: 'properties', memberOf: ['constructor'], fn: 'toString', code: 'ALLOW' },
  {
    what: 'inheriting from __proto__',
    map: 'properties',
    memberOf: ['hasOwnProperty'],
    fn: 'a.__proto__',
    code: 'ALLOW',
  },
  {
    what: 'a deny on toString',
    map: 'properties',
    memberOf: ['constructor', 'hasOwnProperty'],
    fn: 'toString',
    code: 'DENY_EXPLICIT',
  },
  {
    what: 'a group named * is no wildcard',
    map: 'properties',
    memberOf: ['*'],
    fn: 'constructor',
    code: 'DENY_DEFAULT',
  },
  { what: 'a group named * has its own rules', map: 'properties', memberOf: ['*'], fn: 'a.b', code: 'ALLOW' },
  {
    what: 'two groups that join to a third',
    map: 'properties',
    memberOf: ['a', 'b'],
    fn: 'hasOwnProperty',
    code: 'DENY_DEFAULT',
  },
  { what: 'a group with a comma', map: 'properties', memberOf: ['a,b'], fn: 'hasOwnProperty', code: 'ALLOW' },
  { what: 'a property that no group is', map: 'properties', memberOf: ['valueOf'], fn: 'a.b', code: 'DENY_DEFAULT' },
]
