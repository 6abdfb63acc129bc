/** The page of the report's webview. No `vscode` here. */

/** `state` is merged into what the editor keeps for the page: it hands it back when it restores the panel. */
export interface Page { script: string; cspSource: string; nonce: string; state: Record<string, unknown> }

/** JSON that cannot end the script element it stands in. */
export const embedded = (value: unknown) => JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * Scripts only with this page's nonce, styles only those that scripts make (constructed sheets and properties, which no policy governs); nothing from
 * any network, and nothing of a table is ever markup.
 */
export function page({ script, cspSource, nonce, state }: Page): string {
  const policy = [
    "default-src 'none'", `script-src 'nonce-${nonce}'`, `style-src ${cspSource}`,
    `img-src ${cspSource} data: blob:`, `font-src ${cspSource} data:`,
  ].join('; ');
  // The editor hands the saved state back when it restores the panel after a reload: the run's folders are in it from the start.
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Understudy Report</title>
</head>
<body>
<script nonce="${nonce}">
const api = acquireVsCodeApi();
api.setState({ ...api.getState(), ...${embedded(state)} });
globalThis.acquireVsCodeApi = () => api;
</script>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
