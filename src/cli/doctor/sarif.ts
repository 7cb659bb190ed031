import type { DefinitionsFile } from '../definitions-file.ts'
import { checks, type Examination } from './checks.ts'

/**
 * The findings as SARIF 2.1.0. GitHub shows only what has a file: that is the definitions file, where a group is meant with its line;
 * the resource itself is the logical location. Fingerprints hold from run to run.
 */
export function toSarif(
  { findings, skipped }: Examination,
  version: string,
  file: string,
  definitions: DefinitionsFile | undefined,
) {
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
            rules: checks.map(({ id, message, fix, severity }) => ({
              id,
              shortDescription: { text: message },
              help: { text: fix },
              defaultConfiguration: { level: severity },
              properties: {
                tags: ['security'],
                precision: 'very-high',
                'security-severity': { error: '8.0', warning: '5.0', note: '2.0' }[severity],
              },
            })),
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: skipped.map(({ id, reason }) => ({
              level: 'warning',
              message: { text: `${id} was not checked. ${reason}` },
              associatedRule: { id },
            })),
          },
        ],
        results: findings.map(({ id, severity, message, fix, at, detail }) => {
          const group = /^group\/(.*)$/s.exec(at)?.[1]
          const place = group === undefined ? undefined : definitions?.locate(`groups[${JSON.stringify(group)}]`)
          return {
            ruleId: id,
            ruleIndex: checks.findIndex((check) => check.id === id),
            level: severity,
            message: { text: `${message} ${fix}${detail === undefined ? '' : ` (${detail})`}` },
            locations: [
              {
                physicalLocation: {
                  artifactLocation: { uri: encodeURI(file.replaceAll('\\', '/')), uriBaseId: '%SRCROOT%' },
                  region: { startLine: place?.line ?? 1, ...(place && { startColumn: place.column }) },
                },
                logicalLocations: [{ fullyQualifiedName: at, kind: 'resource' }],
              },
            ],
            partialFingerprints: { 'cognigate/v1': `${id}:${at}:${detail ?? ''}` },
          }
        }),
      },
    ],
  }
}
