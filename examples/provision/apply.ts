/** Shows a plan that was saved, and applies it: `npx node examples/provision/apply.ts < plan.json`. */
import { applyPlan, describePlan, type GroupPlan } from 'cognigate/provision'
import { clientsFromEnvironment, showProgress } from './clients.ts'

const plan: GroupPlan = JSON.parse(await new Response(process.stdin).text())
console.error(describePlan(plan))
const changes = await applyPlan(plan, {
  ...clientsFromEnvironment(),
  onProgress: showProgress,
  onChange: ({ change, state, done, total }) => {
    if (state === 'done') console.error(`${done} of ${total}: ${change.action} ${change.kind}`)
  },
})
console.log(`${changes.length} changes are made.`)
