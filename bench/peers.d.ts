/** What is used of the packages of `bench/package.json`, so that the checkout type-checks without them. */

declare module 'fast-jwt' {
  export function createVerifier(options: {
    key: string
    algorithms: string[]
    allowedIss: string
    cache: boolean | number
  }): (token: string) => Record<string, unknown>
}

declare module '@casl/ability' {
  export interface Rule {
    action: string
    inverted?: boolean
  }
  export interface Ability {
    can(action: string): boolean
  }
  export function createMongoAbility(rules: Rule[], options: { anyAction: string }): Ability
}

declare module 'casbin' {
  export class StringAdapter {
    constructor(policy: string)
  }
  export interface Enforcer {
    enforce(...values: string[]): Promise<boolean>
  }
  export function newModelFromString(text: string): object
  export function newEnforcer(model: object, adapter: StringAdapter): Promise<Enforcer>
}

declare module '@cedar-policy/cedar-wasm/nodejs' {
  export interface EntityUid {
    type: string
    id: string
  }
  export interface Entity {
    uid: EntityUid
    attrs: Record<string, never>
    parents: EntityUid[]
  }
  export interface Call {
    principal: EntityUid
    action: EntityUid
    resource: EntityUid
    context: Record<string, never>
    preparsedPolicySetId: string
    entities: Entity[]
  }
  export type Answer = { type: 'success'; response: { decision: 'allow' | 'deny' } } | { type: 'failure' }
  export function preparsePolicySet(id: string, policies: { staticPolicies: string }): { type: 'success' | 'failure' }
  export function statefulIsAuthorized(call: Call): Answer
}
