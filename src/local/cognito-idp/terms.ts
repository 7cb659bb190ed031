import { mapOf, readOptional, readText, text, type TextRules } from '../input.ts'
import { isObject, type JsonObject } from '../json.ts'
import { type Context, invalidParameter, type Operations, ServiceError } from '../operation.ts'
import { readPage } from '../paging.ts'
import type { PoolState, State, TermsState } from '../state/index.ts'
import { readClient, readPool } from './directory.ts'

/** The operations on the documents that users agree to when they sign up. */
export function termsOperations(): Operations {
  return {
    'cognito-idp.CreateTerms': createTerms,
    'cognito-idp.DeleteTerms': (state, input, context) => {
      const pool = readPool(state, input, context)
      delete pool.terms[readTerms(pool, input).id]
      return undefined
    },
    'cognito-idp.DescribeTerms': (state, input, context) => {
      const pool = readPool(state, input, context)
      return { Terms: describe(pool, readTerms(pool, input)) }
    },
    'cognito-idp.DescribeTermsByClient': (state, input, context) => {
      const pool = readPool(state, input, context)
      const { clientId } = readClient(pool, input)
      const name = readText(input, 'TermsName', nameRules())
      const terms = findTerms(pool, clientId, name)
      if (terms === undefined) throw notFound()
      return { Terms: describe(pool, terms) }
    },
    'cognito-idp.ListTerms': listTerms,
    'cognito-idp.UpdateTerms': updateTerms,
  }
}

/** A client has one document of each name. */
function createTerms(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const { clientId } = readClient(pool, input)
  const name = readText(input, 'TermsName', nameRules())
  const links = readLinks(input) ?? {}
  if (findTerms(pool, clientId, name) !== undefined) throw exists()
  const id = context.random.uuid()
  const terms: TermsState = { id, clientId, name, links, createdAt: context.now, updatedAt: context.now }
  pool.terms[id] = terms
  return { Terms: describe(pool, terms) }
}

function updateTerms(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const old = readTerms(pool, input)
  const name = input['TermsName'] === undefined ? old.name : readText(input, 'TermsName', nameRules())
  const other = findTerms(pool, old.clientId, name)
  if (other !== undefined && other.id !== old.id) throw exists()
  const terms: TermsState = { ...old, name, links: readLinks(input) ?? old.links, updatedAt: context.now }
  pool.terms[old.id] = terms
  return { Terms: describe(pool, terms) }
}

function listTerms(state: State, input: JsonObject, context: Context): JsonObject {
  const pool = readPool(state, input, context)
  const page = readPage(input, Object.values(pool.terms), ({ id }) => id, {
    token: 'NextToken',
    limit: 'MaxResults',
    max: 60,
    scope: ['ListTerms', pool.userPoolId],
  })
  const Terms = page.items.map((terms) => {
    const { UserPoolId: _, ClientId: __, TermsSource: ___, Links: ____, ...short } = describe(pool, terms)
    return short
  })
  return { Terms, ...page.next }
}

function findTerms({ terms }: PoolState, clientId: string, name: string): TermsState | undefined {
  return Object.values(terms).find((one) => one.clientId === clientId && one.name === name)
}

function readTerms({ terms }: PoolState, input: JsonObject): TermsState {
  const found = terms[readText(input, 'TermsId', { min: 1 })]
  if (found === undefined) throw notFound()
  return found
}

/** Links go by language; what is no language of managed login is left to AWS. */
function readLinks(input: JsonObject): Readonly<Record<string, string>> | undefined {
  if (!isObject(input['Links'])) return undefined
  const links = readOptional(input, 'Links', mapOf(text(), text())) ?? {}
  const bad = Object.values(links).find((url) => !/^https?:\/\//.test(url))
  if (bad !== undefined) throw invalidParameter('Links: expected URLs.')
  return links
}

function nameRules(): TextRules {
  return { min: 1, pattern: /^(terms-of-use|privacy-policy)$/ }
}

function notFound(): ServiceError {
  return new ServiceError('ResourceNotFoundException', 'Terms do not exist.')
}

function exists(): ServiceError {
  return new ServiceError('TermsExistsException', 'The app client has terms of this name already.')
}

/** A `TermsType`. */
function describe({ userPoolId }: PoolState, terms: TermsState): JsonObject {
  return {
    TermsId: terms.id,
    UserPoolId: userPoolId,
    ClientId: terms.clientId,
    TermsName: terms.name,
    TermsSource: 'LINK',
    Enforcement: 'NONE',
    Links: terms.links,
    CreationDate: terms.createdAt / 1000,
    LastModifiedDate: terms.updatedAt / 1000,
  }
}
