import { serve } from './serve.ts'

export default serve(async () => true)
