/** cognises' `create_update`, on its own file: `npx node examples/provision/create-update.ts`. */
import { createUpdate } from 'cognigate/provision'
import { groupDetail } from '../group-detail.ts'
import { clientsFromEnvironment, showProgress } from './clients.ts'

const updated = await createUpdate(groupDetail, {
  ...clientsFromEnvironment(),
  onFinding: ({ id, message }) => console.error(`${id}: ${message}`),
  onProgress: showProgress,
  onChange: ({ change, state, done, total }) => {
    if (state === 'done') console.error(`${done} of ${total}: ${change.action} ${change.kind}`)
  },
})
console.log(JSON.stringify(updated, null, 2))
