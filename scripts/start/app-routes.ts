/** A route of the app. */
export interface AppRoute {
  /** The last segment of the path: by the convention of the example, the function that the route stands for. */
  readonly name: string
  readonly method: string
  readonly path: string
}

/** The routes of the example app below `/api/`, in its own order. */
export async function appRoutes(): Promise<readonly AppRoute[]> {
  // Once the package is built: the example imports it by its name.
  const { default: app } = await import('../../examples/worker.ts')
  const routes = new Map<string, AppRoute>()
  for (const { method, path } of app.routes) {
    const name = /^\/api\/([^/*:]+)$/.exec(path)?.[1]
    if (name !== undefined && method !== 'ALL') routes.set(`${method} ${path}`, { name, method, path })
  }
  return [...routes.values()]
}
