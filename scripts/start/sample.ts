/**
 * The two settings as the clone has them in wrangler.toml. No such pool exists at AWS: under these ids `npm start` runs
 * a local one.
 */
export const sampleSettings = {
  userPoolId: 'eu-west-1_CogniGate',
  clientId: '4p8m2k7c1v9x3t6r5n0q8h2b7d',
}

/** A user of the local pool. */
export interface SampleUser {
  readonly username: string
  readonly groups: readonly string[]
}

/** Users in one group, in the other, in both, in none, and in a group that the map does not know. */
export const sampleUsers: readonly SampleUser[] = [
  { username: 'alice', groups: ['Group1'] },
  { username: 'bob', groups: ['String'] },
  { username: 'carol', groups: ['Group1', 'String'] },
  { username: 'dave', groups: [] },
  { username: 'erin', groups: ['Visitors'] },
]

/** What the tampered token claims, and who carries it. */
export const tampering = { username: 'dave', group: 'Group1' }
