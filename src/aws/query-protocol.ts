import { isJsonObject } from '../encoding.ts'
import { objectIn } from './json-protocol.ts'
import type { Protocol } from './protocol.ts'
import { createTyping, type MemberTypes } from './query-members.ts'

/**
 * Reads an XML document into an object of one member, named as the root element. An element is its text, or an object of
 * its children by name, in which `member` is always a list. Undefined for what is not well-formed, or not of that form.
 */
export type ReadXml = (text: string) => Readonly<Record<string, unknown>> | undefined

/** How a service's Query calls look. */
export interface QueryShape extends MemberTypes {
  /** The API's date, such as `2010-05-08`. */
  readonly version: string
}

/**
 * AWS's Query protocol: calls are forms, answers XML, or JSON where the service can. Outputs have one form whichever it is:
 * without what is null, lists as arrays, points in time as seconds since the epoch.
 */
export function queryProtocol(shape: QueryShape, readXml: ReadXml): Protocol {
  const typed = createTyping(shape)
  return {
    encode(operation, input) {
      const form = new URLSearchParams({ Action: operation, Version: shape.version })
      for (const [name, value] of Object.entries(input)) append(form, name, value)
      const headers = {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      }
      return { method: 'POST', headers, body: strict(form.toString()) }
    },
    decode(body, { ok, headers }, operation) {
      try {
        const answer = isXml(headers.get('content-type') ?? '', body) ? readXml(body) : objectIn(body)
        return answer && (ok ? outputIn(answer, operation, typed) : errorIn(answer))
      } catch {
        return undefined
      }
    },
  }
}

/** A form as most encoders write it: moto compares the signature with that of what it decoded and encoded anew. */
function strict(form: string): string {
  return form.replaceAll('*', '%2A').replaceAll('%7E', '~')
}

/** Adds a member to a form: `Tags.member.1.Key`; an empty list is an empty text. */
function append(form: URLSearchParams, name: string, value: unknown): void {
  if (value === undefined || value === null) return
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      append(form, `${name}.member.${index + 1}`, item)
    })
    if (value.length === 0) form.append(name, '')
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) append(form, `${name}.${key}`, item)
  } else {
    form.append(name, `${value}`)
  }
}

function isXml(type: string, body: string): boolean {
  return /xml/i.test(type) || (!/json/i.test(type) && body.trimStart().startsWith('<'))
}

type Members = Readonly<Record<string, unknown>>

function outputIn(answer: Members, operation: string, typed: (members: Members) => Record<string, unknown>) {
  if (!Object.hasOwn(answer, `${operation}Response`)) return undefined
  return typed(membersOf(membersOf(answer[`${operation}Response`])[`${operation}Result`]))
}

/** What an element or a member holds; nothing where it is empty. Throws where it is no structure. */
function membersOf(value: unknown): Members {
  if (isJsonObject(value)) return value
  if (value === undefined || value === null || value === '') return {}
  throw new TypeError('no structure')
}

/** The error of an answer in the spelling of JSON 1.1. */
function errorIn(answer: Members): Record<string, unknown> {
  const { ErrorResponse = answer } = answer
  const { Error: error, RequestId, ...others } = membersOf(ErrorResponse)
  const { Code, Message } = isJsonObject(error) ? error : {}
  return { ...others, ...(Code !== undefined && { code: Code, message: Message }), RequestId }
}
