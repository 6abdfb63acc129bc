/** The address of a window on `workspace` with the extension at `extension` in development, and its suite if given. */
export function address(server, workspace, extension, tests) {
  const remote = (file) => `vscode-remote://${server.address}${file}`;
  const payload = [...(extension ? [['extensionDevelopmentPath', remote(extension)]] : []), ...(tests ? [['extensionTestsPath', remote(tests)]] : [])];
  return `${server.url}/?folder=${encodeURIComponent(workspace)}${payload.length ? `&payload=${encodeURIComponent(JSON.stringify(payload))}` : ''}`;
}
