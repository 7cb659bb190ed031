import type { IdentityPoolSettings, IdentityPoolRoles, RoleMapping as WireMapping } from '../../aws/index.ts'
import type { IdentityPoolChanges, IdentityPoolDescription, PoolRoles, RoleMapping } from './identity-pool.ts'

/** Settings of the wire in our terms. */
export function descriptionOf(raw: IdentityPoolSettings): IdentityPoolDescription {
  return {
    identityPoolId: raw.IdentityPoolId,
    name: raw.IdentityPoolName,
    allowUnauthenticatedIdentities: raw.AllowUnauthenticatedIdentities ?? false,
    allowClassicFlow: raw.AllowClassicFlow ?? true,
    providers: (raw.CognitoIdentityProviders ?? []).map((provider) => ({
      providerName: provider.ProviderName ?? '',
      clientId: provider.ClientId ?? '',
      serverSideTokenCheck: provider.ServerSideTokenCheck ?? false,
    })),
    supportedLoginProviders: raw.SupportedLoginProviders ?? {},
    developerProviderName: raw.DeveloperProviderName,
    openIdConnectProviderArns: raw.OpenIdConnectProviderARNs ?? [],
    samlProviderArns: raw.SamlProviderARNs ?? [],
    tags: raw.IdentityPoolTags ?? {},
    raw,
  }
}

/** Changes as they are on the wire, without what they do not name. */
export function changesToWire(changes: IdentityPoolChanges): Partial<IdentityPoolSettings> {
  const wire: Partial<IdentityPoolSettings> = {
    IdentityPoolName: changes.name,
    AllowUnauthenticatedIdentities: changes.allowUnauthenticatedIdentities,
    AllowClassicFlow: changes.allowClassicFlow,
    CognitoIdentityProviders: changes.providers?.map((provider) => ({
      ProviderName: provider.providerName,
      ClientId: provider.clientId,
      ServerSideTokenCheck: provider.serverSideTokenCheck,
    })),
    SupportedLoginProviders: changes.supportedLoginProviders,
    DeveloperProviderName: changes.developerProviderName,
    OpenIdConnectProviderARNs: changes.openIdConnectProviderArns,
    SamlProviderARNs: changes.samlProviderArns,
    IdentityPoolTags: changes.tags,
  }
  return Object.fromEntries(Object.entries(wire).filter(([, value]) => value !== undefined))
}

/** Roles of the wire in our terms. */
export function rolesOf(raw: IdentityPoolRoles): PoolRoles {
  const mappings = Object.entries(raw.RoleMappings ?? {}).map(([provider, mapping]) => [provider, mappingOf(mapping)])
  return { roles: raw.Roles ?? {}, roleMappings: Object.fromEntries(mappings), raw }
}

function mappingOf({ Type, AmbiguousRoleResolution, RulesConfiguration }: WireMapping): RoleMapping {
  return {
    type: Type,
    ambiguousRoleResolution: AmbiguousRoleResolution,
    rules: RulesConfiguration?.Rules?.map((rule) => ({
      claim: rule.Claim,
      matchType: rule.MatchType,
      value: rule.Value,
      roleArn: rule.RoleARN,
    })),
  }
}

/** A mapping as it is on the wire. */
export function mappingToWire({ type, ambiguousRoleResolution, rules }: RoleMapping): WireMapping {
  return {
    Type: type,
    AmbiguousRoleResolution: ambiguousRoleResolution ?? 'Deny',
    ...(rules && {
      RulesConfiguration: {
        Rules: rules.map((rule) => ({
          Claim: rule.claim,
          MatchType: rule.matchType,
          Value: rule.value,
          RoleARN: rule.roleArn,
        })),
      },
    }),
  }
}
