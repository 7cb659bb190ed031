import { createPoolAdmin } from '../../src/admin/index.ts'
import { credentials, region, userPoolId } from '../settings.ts'
import { serve } from './serve.ts'

export default serve(async (_request, { answer }) => {
  const admin = createPoolAdmin({ userPoolId, credentials, fetch: async () => new Response('{}') })
  if (answer) await admin.users.addToGroup('alice', 'editor')
  return admin.region === region
})
