/** Applies a plan that was saved: `node examples/provision/apply.ts < plan.json`. */
import { applyPlan, type GroupPlan } from 'cognigate/provision'
import { clientsFromEnvironment } from './clients.ts'

const plan: GroupPlan = JSON.parse(await new Response(process.stdin).text())
const changes = await applyPlan(plan, {
  ...clientsFromEnvironment(),
  onChange: ({ change, state, done, total }) => {
    if (state === 'done') console.error(`${done} of ${total}: ${change.action} ${change.kind}`)
  },
})
console.log(`${changes.length} changes are made.`)
