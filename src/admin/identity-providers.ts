import type { CallOptions, IdentityProviderTypeType } from '../aws/index.ts'
import { checkOptions } from '../internal/options.ts'
import { createResource, type PoolResources, toWire } from './pool-resources.ts'

/** Changes to an identity provider. Undefined keeps a value. */
export interface IdentityProviderChanges {
  /** As Cognito names them for the type, such as `client_id` or `MetadataURL`; replaced as a whole. */
  readonly details?: { readonly [name: string]: string } | undefined
  /** Cognito's attribute names to the provider's; replaced as a whole. */
  readonly attributeMapping?: { readonly [name: string]: string } | undefined
  /** Domains and the like by which managed login chooses the provider. */
  readonly identifiers?: readonly string[] | undefined
  /** Cognito's authentication levels to the provider's. */
  readonly acrMapping?: { readonly [name: string]: string } | undefined
}

/** An identity provider to create. */
export interface IdentityProviderInput extends IdentityProviderChanges {
  readonly name: string
  readonly type: IdentityProviderTypeType
  readonly details: { readonly [name: string]: string }
}

/** An identity provider of the pool. Its `details` may hold the provider's client secret. */
export interface IdentityProvider extends IdentityProviderChanges {
  readonly name: string
  readonly type?: IdentityProviderTypeType | undefined
  readonly createdAt?: Date | undefined
  readonly updatedAt?: Date | undefined
}

/** The identity providers of a pool. Every method throws AwsError. */
export interface IdentityProviders {
  /** Throws `DuplicateProviderException` (CreateIdentityProvider). */
  create(input: IdentityProviderInput, options?: CallOptions): Promise<IdentityProvider>
  /** Throws `ResourceNotFoundException` (DescribeIdentityProvider). */
  describe(name: string, options?: CallOptions): Promise<IdentityProvider>
  /** UpdateIdentityProvider. */
  update(name: string, changes: IdentityProviderChanges, options?: CallOptions): Promise<IdentityProvider>
}

/** The part of the administration that is about identity providers. */
export function createIdentityProviders(resources: PoolResources): IdentityProviders {
  const { get, save } = createResource<IdentityProvider>(
    resources,
    'DescribeIdentityProvider',
    'ProviderName',
    'IdentityProvider',
  )
  const names = ['details', 'attributeMapping', 'identifiers', 'acrMapping'] as const
  const toInput = (provider: object) =>
    toWire(provider, {
      name: 'ProviderName',
      type: 'ProviderType',
      details: 'ProviderDetails',
      identifiers: 'IdpIdentifiers',
    })
  return {
    async create(input, options) {
      checkOptions<IdentityProviderInput>('identityProviders.create', input, ['name', 'type', ...names])
      return save('CreateIdentityProvider', toInput(input), options)
    },
    describe: get,
    async update(name, changes, options) {
      checkOptions<IdentityProviderChanges>('identityProviders.update', changes, names)
      return save('UpdateIdentityProvider', toInput({ ...changes, name }), options)
    },
  }
}
