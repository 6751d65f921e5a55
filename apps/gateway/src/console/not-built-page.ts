/** What a browser shows when the gateway runs without a console: from sources that were not built, or from an incomplete image. */
export const NOT_BUILT_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>PawVault</title>
<style>body { font: 16px/1.6 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark }</style>
<h1>The console was not built</h1>
<p>The gateway runs, and its API is at <a href="/api/docs">/api/docs</a>. For the console, run <code>npm run build</code> and start PawVault again.</p>
<p lang="zh">控制台尚未构建。网关正在运行，API 文档位于 <a href="/api/docs">/api/docs</a>。请运行 <code>npm run build</code>，然后重新启动 PawVault。</p>
</html>
`;
