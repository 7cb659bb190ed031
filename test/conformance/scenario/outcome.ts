import { decodeJwt } from 'jose'

type Shape = Record<string, unknown>

/** What stands at a path of an answer. */
export const read = (answer: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Shape | undefined)?.[name], answer)

/** The named members of an answer, or its refusal. */
export const pick = (answer: unknown, ...names: string[]): unknown => {
  const shape = (answer ?? {}) as Shape
  if ('refused' in shape) return shape
  return Object.fromEntries(names.flatMap((name) => (shape[name] === undefined ? [] : [[name, shape[name]]])))
}

/** 'done', or the refusal. */
export const done = (answer: unknown) => ('refused' in (answer as Shape) ? answer : 'done')
/** One member of each item of a list, sorted; or the refusal. */
export const list = (answer: unknown, member: string, name: string) => {
  const items = read(answer, member)
  return Array.isArray(items) ? items.map((item: Shape) => item[name]).sort() : pick(answer)
}
/** The attributes of an AdminGetUser answer as a record, without `sub`. */
export const attributesOf = (answer: unknown) => {
  const items = (read(answer, 'UserAttributes') ?? []) as { Name: string; Value: string }[]
  return Object.fromEntries(items.filter(({ Name }) => Name !== 'sub').map(({ Name, Value }) => [Name, Value]))
}

/** What a sign-in gave: who the tokens are for and what they say, or the challenge. */
export const signInOutcome = (answer: unknown): unknown => {
  const access = read(answer, 'AuthenticationResult', 'AccessToken')
  if (typeof access !== 'string') return pick(answer, 'ChallengeName')
  const claims = decodeJwt(access)
  return { username: claims['username'], groups: claims['cognito:groups'], use: claims['token_use'] }
}
