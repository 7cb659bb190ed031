import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.ts'
import { checkRoleNames, toPolicyName, toRoleName, toTagValue } from '../../src/provision/names.ts'

/** Names that Cognito takes, plain ones, odd ones and those that look mapped among them. */
const groupName = fc.oneof(
  fc.stringMatching(/^[\w+=,.@-]{1,128}$/),
  fc.stringMatching(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u),
  fc.stringMatching(/^[\w-]{0,26}\.[0-9a-fA-F]{32}$/),
  fc.constantFrom('admin', 'Admin', 'a/b', 'a-b', 'caf\u00e9', 'cafe\u0301', '__proto__', '*', '\u{1f451}'.repeat(128)),
)

// The hashes were computed by `printf %s <name> | sha256sum`.
describe('the names of a group in IAM', () => {
  it.each([
    ['admin', 'role_admin'],
    ['A-z_0+9=,.@', 'role_A-z_0+9=,.@'],
    ['__proto__', 'role___proto__'],
    ['x'.repeat(59), `role_${'x'.repeat(59)}`],
    ['x'.repeat(60), `role_${'x'.repeat(26)}.42f2d97335669f86846b721a8aa58551`],
    ['a/b', 'role_a-b.c14cddc033f64b9dea80ea675cf280a0'],
    ['Kundenkr\u00e4fte', 'role_Kundenkr-fte.d29a4c47aff922740c43cabb2a26be2b'],
    ['caf\u00e9', 'role_caf-.850f7dc43910ff890f8879c0ed26fe69'],
    ['cafe\u0301', 'role_cafe-.81ef060bcd98adc7824eb5c1ada83c32'],
    ['\u{1f451}', 'role_-.0858ee6df8689402c6b78bca9665293e'],
    ['a.0123456789abcdef0123456789abcdef', 'role_a.0123456789abcdef01234567.62e622b4c3a3d7342c75394f6773fd94'],
  ])('%s has the role %s', async (group, role) => {
    expect(await toRoleName(group)).toBe(role)
  })

  it.each([
    ['admin', 'admin_policy'],
    ['a/b', 'a-b.c14cddc033f64b9dea80ea675cf280a0_policy'],
    ['x'.repeat(121), `${'x'.repeat(121)}_policy`],
    ['x'.repeat(122), `${'x'.repeat(26)}.ccd16bc19afac2e6fd5b0931420d12e3_policy`],
  ])('%s has the policy %s', async (group, policy) => {
    expect(await toPolicyName(group)).toBe(policy)
  })

  it('are what IAM takes, whatever the group and the prefix', async () => {
    const prefix = fc.stringMatching(/^[\w+=,.@-]{0,24}$/)
    await fc.assert(
      fc.asyncProperty(groupName, prefix, async (group, given) => {
        expect(await toRoleName(group, given)).toMatch(/^[\w+=,.@-]{1,64}$/)
        expect(await toPolicyName(group)).toMatch(/^[\w+=,.@-]{1,128}$/)
      }),
    )
  })

  it('differ for different groups, case aside for those that differ in more than case', async () => {
    const pair = fc.oneof(
      fc.tuple(groupName, groupName),
      // A name and the plain one that its own mapping looks like.
      groupName.map((name) => [name, undefined] as const),
    )
    await fc.assert(
      fc.asyncProperty(pair, async ([one, given]) => {
        const role = await toRoleName(one)
        const other = given ?? role.slice('role_'.length)
        fc.pre(one !== other)
        expect(await toRoleName(other)).not.toBe(role)
        expect(await toPolicyName(other)).not.toBe(await toPolicyName(one))
        if (one.toLowerCase() === other.toLowerCase()) return
        expect((await toRoleName(other)).toLowerCase()).not.toBe(role.toLowerCase())
      }),
    )
  })

  it('takes another prefix, and refuses one that leaves no room or no name', async () => {
    expect(await toRoleName('admin', '')).toBe('admin')
    expect(await toRoleName('admin', 'app-')).toBe('app-admin')
    for (const prefix of ['a/b', ' ', 'é', 'x'.repeat(25)]) {
      await expect(toRoleName('admin', prefix)).rejects.toThrow(/^rolePrefix: expected 0-24/)
    }
  })

  it('refuses unpaired surrogates, which have no UTF-8 form of their own', async () => {
    for (const name of ['a\ud800', '\udc00']) {
      await expect(toRoleName(name)).rejects.toThrow(ConfigurationError)
      await expect(toTagValue(name)).rejects.toThrow(ConfigurationError)
    }
    expect(await toRoleName('\ufffd')).toMatch(/^role_-\.[0-9a-f]{32}$/)
  })
})

describe('collisions', () => {
  it('are names that differ in case only, and the message names both groups', async () => {
    const check = checkRoleNames(['viewer', 'Admin', 'admin'])
    await expect(check).rejects.toThrow(ConfigurationError)
    await expect(check).rejects.toThrow(
      'groups "Admin" and "admin": both of their roles would be role_admin, since IAM ignores case. Give one of the ' +
        'groups another name.',
    )
  })

  it.each([
    { groups: [] },
    { groups: ['admin', 'viewer'] },
    { groups: ['admin', 'admin'] },
    // Beyond ASCII the hash tells case apart.
    { groups: ['É', 'é', 'e\u0301', 'a/b', 'A/b', 'a-b', 'a:b'] },
    { groups: ['x'.repeat(60), 'X'.repeat(60)] },
  ])('are none among $groups', async ({ groups }) => {
    await expect(checkRoleNames(groups)).resolves.toBeUndefined()
  })

  it('cannot be brought about by a name that looks like a mapped one, in any case', async () => {
    const mapped = (await toRoleName('a/b')).slice('role_'.length)
    const groups = ['a/b', mapped, mapped.toUpperCase(), mapped.replace('a-b', 'A-B')]
    await expect(checkRoleNames(groups)).resolves.toBeUndefined()
  })

  it('are seen with a prefix, too', async () => {
    await expect(checkRoleNames(['a', 'A'], 'app-')).rejects.toThrow('app-A')
  })
})

describe('tag values', () => {
  it.each([
    ['eu-west-1_AbCdEfGhI', 'eu-west-1_AbCdEfGhI'],
    ['', ''],
    ['a b_.:/=+-@9é', 'a b_.:/=+-@9é'],
    ['x'.repeat(256), 'x'.repeat(256)],
    ['x'.repeat(257), 'sha256:15eb95a462ee20bd91a415ae2d4aed341288186ddaa2b37908f7d592f0c3f85f'],
    ['\u{1f451}', 'sha256:0858ee6df8689402c6b78bca9665293e29081f0acb38510b986ebb8832d9cdfe'],
    ['cafe\u0301', 'sha256:81ef060bcd98adc7824eb5c1ada83c32491b16018e11e79f00ab9d09e04b015a'],
    ['sha256:x', 'sha256:fe8eb9ab9836bcf963c044b6f84eb71c089db399876f45e72a6c21b488da26c4'],
  ])('of %j is %j', async (text, value) => {
    expect(await toTagValue(text)).toBe(value)
  })

  it('are what IAM takes, and differ for different texts', async () => {
    const text = fc.oneof(
      groupName,
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      groupName.map((name) => `sha256:${name}`),
    )
    await fc.assert(
      fc.asyncProperty(text, text, async (one, other) => {
        fc.pre(![one, other].some((each) => /[\ud800-\udfff]/u.test(each)))
        const value = await toTagValue(one)
        expect(value).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u)
        if (one !== other) expect(await toTagValue(other)).not.toBe(value)
        if (value !== one) expect(await toTagValue(value)).not.toBe(value)
      }),
    )
  })
})
