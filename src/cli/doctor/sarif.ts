import { createHash } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { DefinitionsFile } from '../definitions-file.ts'
import { type Examination, type Finding, placeOf } from './check.ts'
import { checks } from './checks.ts'

/**
 * The findings as SARIF 2.1.0. GitHub shows only what has a file: that is the definitions file, where what is meant stands with its
 * line; the resource itself is a logical location, and so is the path in the definitions, which modules have in place of lines.
 * Fingerprints are of the check and its place, so they hold from run to run, whatever moves in the file.
 *
 * @param file relative to the folder that is scanned
 */
export function toSarif(
  { findings, skipped }: Examination,
  version: string,
  file: string,
  definitions: Pick<DefinitionsFile, 'locate' | 'definitions' | 'groups'>,
) {
  const artifactLocation = toArtifact(file)
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'cognigate doctor',
            semanticVersion: version,
            informationUri: 'https://www.npmjs.com/package/cognigate',
            rules: checks.map(({ id, message, fix, severity, reads, needs }) => ({
              id,
              shortDescription: { text: message },
              help: { text: `${fix} It reads ${reads}, by ${needs.replaceAll(' ', ', ')}.` },
              defaultConfiguration: { level: severity },
              properties: {
                tags: ['security'],
                precision: 'very-high',
                'security-severity': { error: '8.0', warning: '5.0', note: '2.0' }[severity],
              },
            })),
          },
        },
        // Columns are counted as the editors and GitHub do.
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: skipped.map(({ id, refused, reason }) => ({
              level: refused.length > 0 ? 'warning' : 'note',
              message: { text: `${id} was not checked: ${reason}.` },
              associatedRule: { id, index: checks.findIndex((check) => check.id === id) },
            })),
          },
        ],
        results: findings.map((finding) => {
          const { id, severity, message, fix, at, accepted } = finding
          const path = pathOf(finding, definitions)
          const place = path === undefined ? undefined : definitions.locate(path)
          return {
            ruleId: id,
            ruleIndex: checks.findIndex((check) => check.id === id),
            level: severity,
            message: { text: `${message} Found at ${placeOf(finding)}. Fix: ${fix}` },
            locations: [
              {
                physicalLocation: {
                  artifactLocation,
                  region: { startLine: place?.line ?? 1, ...(place && { startColumn: place.column }) },
                },
                logicalLocations: [
                  { fullyQualifiedName: at, kind: 'resource' },
                  ...(path === undefined ? [] : [{ fullyQualifiedName: path, kind: 'object' }]),
                ],
              },
            ],
            partialFingerprints: fingerprintsOf(finding),
            ...(accepted !== undefined && {
              suppressions: [{ kind: 'external', status: 'accepted', justification: accepted }],
            }),
          }
        }),
      },
    ],
  }
}

/** A file outside of the folder is named by its URL, since nothing says where else it is. */
function toArtifact(file: string) {
  const parts = file.split(/[\\/]/)
  if (isAbsolute(file) || parts[0] === '..') return { uri: pathToFileURL(file).href }
  return { uri: parts.map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' }
}

/**
 * GitHub knows alerts by `primaryLocationLineHash`. Its action would compute that from the line, which findings about different
 * clients share.
 */
function fingerprintsOf({ id, at, key = '' }: Finding) {
  const hash = createHash('sha256')
    .update(JSON.stringify([id, at, key]))
    .digest('hex')
  return { 'cognigate/v1': hash, primaryLocationLineHash: `${hash.slice(0, 16)}:1` }
}

/** Where in the definitions something stands; undefined for a group that they do not have. */
function pathOf(
  { id, path, group, at }: Finding,
  { definitions, groups }: Pick<DefinitionsFile, 'definitions' | 'groups'>,
): string | undefined {
  if (path !== undefined || group === undefined || !groups.names.includes(group)) return path
  const { groups: written = definitions, policies = {} } = Object(definitions)
  if (Array.isArray(written)) return `groups[${written.findIndex((each) => Object(each).group_name === group)}]`
  const name = JSON.stringify(group)
  if (at.startsWith('role/') && Object.hasOwn(policies, group)) return `policies[${name}]`
  return id === 'precedence-tie' ? `groups[${name}].precedence` : `groups[${name}]`
}
