import { GetRoleCommand, GetRolePolicyCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createIamClient } from '../../../src/aws/index.ts'
import { readXml } from '../../../src/aws/client/query.ts'
import { createLocalPool } from '../../../src/local/index.ts'
import { credentials } from '../../support/aws.ts'
import { exampleCredentials, sdkTransport } from '../../support/sdk-client.ts'

/** Texts of the characters that IAM takes in descriptions and policies. */
const text = fc.string({
  unit: fc.constantFrom(...'\t\n\r &<>"\'%+;[]{}=/\\aZ09é\u00a1ÿ', '%7B', '&amp;', ']]>', '&#13;'),
  maxLength: 12,
})
const tag = fc.string({ unit: fc.constantFrom(...' _.:/=+-@aéß漢'), maxLength: 8 })
const tags = fc.dictionary(
  tag.filter((key) => key.trim() !== ''),
  tag,
  { maxKeys: 4 },
)
const policy = fc.record({ text, texts: fc.array(text) }).map(({ text: Sid, texts }) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:username': [Sid, ...texts] } } },
  ],
}))
const trustPolicy = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'cognito-identity.amazonaws.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
    },
  ],
}

describe('what is written is read as it was, in JSON and in XML, and as the AWS SDK reads it', () => {
  it('for any texts', async () => {
    const pool = await createLocalPool()
    const options = { credentials, now: pool.settings.now }
    const iam = createIamClient({ ...options, fetch: pool.fetch })
    const inXml = createIamClient({
      ...options,
      async fetch(request) {
        const headers = new Headers(request.headers)
        headers.delete('accept')
        const response = await pool.fetch(new Request(request, { headers }))
        expect(response.headers.get('content-type')).toContain('xml')
        return response
      },
    })
    const sdk = new IAMClient({
      ...{ region: 'us-east-1', credentials: exampleCredentials, maxAttempts: 1 },
      requestHandler: sdkTransport(pool),
    })
    const name = 'ops'
    await fc.assert(
      fc.asyncProperty(text, tags, policy, async (description, pairs, document) => {
        await iam.roles.deletePolicy(name, 'p')
        await iam.roles.delete(name)
        await iam.roles.create({ name, trustPolicy, description, tags: pairs })
        await iam.roles.putPolicy(name, 'p', document)
        const role = await iam.roles.get(name)
        expect(role).toMatchObject({ description: description || undefined, trustPolicy })
        expect(role.tags).toEqual(pairs)
        expect(await iam.roles.policy(name, 'p')).toEqual(document)

        expect(await inXml.roles.get(name)).toEqual(role)
        expect(await inXml.roles.policy(name, 'p')).toEqual(document)
        expect(await inXml.roles.list().toArray()).toEqual(await iam.roles.list().toArray())

        const { Role } = await sdk.send(new GetRoleCommand({ RoleName: name }))
        expect(Role).toMatchObject({ RoleName: role.name, Arn: role.arn, RoleId: role.id, Path: role.path })
        // The SDK takes a line break alone for nothing.
        expect(Role?.Description?.trim() ?? '').toBe(role.description?.trim() ?? '')
        expect(Role?.CreateDate).toEqual(role.createdAt)
        expect(Object.fromEntries((Role?.Tags ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual(pairs)
        const { PolicyDocument = '' } = await sdk.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: 'p' }))
        expect(JSON.parse(decodeURIComponent(PolicyDocument))).toEqual(document)
        expect((await sdk.send(new ListRolesCommand())).Roles).toHaveLength(1)

        await iam.roles.deletePolicy(name, 'p')
        await iam.roles.delete(name)
      }),
      { numRuns: 60 },
    )
  })
})

describe('XML', () => {
  it('that is well-formed and of the form is read', () => {
    expect(readXml('<a x="1"><b>1 &lt; 2</b><c><member>x</member><member/></c><d/> <!-- e --> </a>')).toEqual({
      a: { b: '1 < 2', c: { member: ['x', ''] }, d: '' },
    })
    expect(readXml('<a><member><b/></member></a>')).toEqual({ a: { member: [{ b: '' }] } })
    expect(readXml('<?xml version="1.0"?><?pi?><a> <![CDATA[<x>]]>&#x41;</a>')).toEqual({ a: ' <x>A' })
  })

  it('whose names are those of the language stays plain', () => {
    const read = readXml('<a><__proto__><polluted>1</polluted></__proto__><constructor/></a>')
    expect(Object.getPrototypeOf(read?.['a'])).toBe(Object.prototype)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    expect(JSON.stringify(read)).toBe('{"a":{"__proto__":{"polluted":"1"},"constructor":""}}')
  })

  it('of any other kind is nothing, and never an exception', () => {
    const pieces = fc.constantFrom(
      ...[
        '<a>',
        '</a>',
        '<b>',
        '</b>',
        '<member>',
        '</member>',
        '<c/>',
        'x',
        ' ',
        '&amp;',
        '&x;',
        '&#0;',
        '&#x110000;',
      ],
      ...[
        '<!DOCTYPE a>',
        '<![CDATA[',
        ']]>',
        '<!--',
        '-->',
        '<?xml version="1.0"?>',
        '<?',
        '?>',
        '<',
        '>',
        '&',
        '"',
        '\0',
      ],
    )
    let read = 0
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const found = readXml(`<a>${parts.join('')}</a>`)
        if (found !== undefined) read++
        expect(found === undefined || Object.keys(found).join() === 'a').toBe(true)
      }),
      { numRuns: 3000 },
    )
    expect(read).toBeGreaterThan(30)
  })
})
