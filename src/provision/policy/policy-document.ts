import { isJsonObject } from '../../encoding.ts'
import type { PolicyDocument } from '../iam/iam.ts'

/** The statements, of which one may stand without a list. What is no object is left out. */
export function statementsOf({ Statement: given }: PolicyDocument): PolicyDocument[] {
  return (Array.isArray(given) ? given : [given]).filter(isJsonObject)
}

/** The texts of an element that takes one or a list; undefined for anything else, an empty list included. */
export function textsOf(element: unknown): readonly string[] | undefined {
  const list: unknown[] = Array.isArray(element) ? element : [element]
  return list.length > 0 && list.every((item) => typeof item === 'string') ? list : undefined
}

/** The actions that a policy allows, as written, each once; of `NotAction`, `all but …`. */
export function actionsOf(policy: PolicyDocument): string[] {
  const actions = statementsOf(policy).flatMap(({ Effect, Action, NotAction }) => {
    if (Effect !== 'Allow') return []
    const except = textsOf(NotAction)
    return except ? [`all but ${except.join(', ')}`] : (textsOf(Action) ?? [])
  })
  return [...new Set(actions)]
}
