/**
 * The files of a bundle that have no business in it.
 *
 * @param {readonly string[]} files from the checkout's root
 * @param {{ folders: readonly string[], packages: readonly string[] }} allowed folders of `dist/src` by name, `adapters`
 *   among them, and packages; files that stand in `dist/src` itself or in `internal` are always allowed
 * @returns {string[]}
 */
export function strangers(files, { folders, packages }) {
  return files.filter((file) => {
    const ofPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(file)?.[1]
    if (ofPackage !== undefined) return !packages.includes(ofPackage)
    if (file.startsWith('dist/adapters/')) return !folders.includes('adapters')
    const folder = /^dist\/src\/(?:([^/]+)\/)?/.exec(file)
    return folder === null || !['internal', ...folders, undefined].includes(folder[1])
  })
}
