/** Serves the built view the way the extension's host page does: same markup, same strict policy, a fake editor API. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import path from "node:path";
import { bodyClass, type ThemeName, themeCss, themeNames } from "./themes";

export type Harness = {
  readonly url: (theme: ThemeName) => string;
  readonly close: () => Promise<void>;
};

const DIST = path.resolve(process.env.DISPATCH_WEBVIEW_DIST ?? "dist");
const FILES: Readonly<Record<string, string>> = {
  "/webview.js": "text/javascript",
  "/webview.css": "text/css",
  "/codicon.ttf": "font/ttf",
};

/** Starts on a free port of the loopback interface. */
export async function startHarness(): Promise<Harness> {
  const server = createServer((request, response) => {
    void answer(request.url ?? "/", `http://${request.headers.host}`, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: (theme) => `http://127.0.0.1:${port}/page/${theme}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(url: string, origin: string, response: ServerResponse): Promise<void> {
  const theme = themeNames.find((name) => url.endsWith(`/${name}`));
  const type = FILES[url];
  if (url.startsWith("/page/") && theme !== undefined) {
    const nonce = randomBytes(16).toString("base64url");
    response.writeHead(200, { "content-type": "text/html", "content-security-policy": policy(origin, nonce) });
    response.end(page(theme, nonce));
  } else if (url.startsWith("/theme/") && theme !== undefined) {
    response.writeHead(200, { "content-type": "text/css" });
    response.end(themeCss(theme));
  } else if (type !== undefined) {
    response.writeHead(200, { "content-type": type });
    response.end(await readFile(path.join(DIST, url)));
  } else {
    response.writeHead(404);
    response.end();
  }
}

/** As src/host/page.ts has it. */
function policy(source: string, nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `font-src ${source}`,
    `img-src ${source} data:`,
    "connect-src 'none'",
    "frame-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
}

function page(theme: ThemeName, nonce: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>Dispatch</title>
<link rel="stylesheet" href="/theme/${theme}">
<link rel="stylesheet" href="/webview.css">
</head>
<body class="${bodyClass[theme]}">
<div id="app"></div>
<script nonce="${nonce}">${FAKE_API}</script>
<script nonce="${nonce}" src="/webview.js"></script>
</body>
</html>`;
}

/** `sent` collects what the view posts; the state lives in the session, so that it outlasts a reload. */
const FAKE_API = `
globalThis.sent = [];
globalThis.acquireVsCodeApi = () => ({
  postMessage: (message) => {
    sent.push(structuredClone(message));
    globalThis.toHost?.(message);
  },
  getState: () => JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
  setState: (state) => sessionStorage.setItem("state", JSON.stringify(state)),
});`;
