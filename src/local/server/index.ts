export { type LocalServer, type LocalServerOptions, type LocalServerSettings, startLocalServer } from './start.ts'
