import type { ObservedIdentityPool } from './observe.ts'
import type { IdentityPoolChange } from './plan.ts'

/** The change that makes a group's role the group's alone, as far as a change can; undefined where there is none to make. */
export function secureIdentityPool(identityPool: ObservedIdentityPool): IdentityPoolChange | undefined {
  const { classicFlow } = identityPool
  const mapByToken = openProviders(identityPool)
  if (!classicFlow && mapByToken.length === 0) return undefined
  const reasons = [
    ...(classicFlow ? ['the classic flow is allowed'] : []),
    ...mapByToken.map((provider) => `the role is not chosen by the token for ${provider}`),
  ]
  return { kind: 'identity-pool', action: 'change', reasons, disableClassicFlow: classicFlow, mapByToken }
}

/** The user pool's providers whose tokens do not choose the role. */
export function openProviders({ providers, mappedByToken }: ObservedIdentityPool): string[] {
  return providers.filter((provider) => !mappedByToken.includes(provider))
}
