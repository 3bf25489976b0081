/** The documents of the webview: the chat, or a plain page when there is no chat to show. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** The only folder that a page may load from. */
export const pageRoot = (extension: vscode.Uri): vscode.Uri => vscode.Uri.joinPath(extension, "dist");

/** Where a page is shown: floating parts need its background. */
export type Place = "sidebar" | "editor";

/** The chat itself: an empty root that dist/webview.js fills. */
export function chatPage(webview: vscode.Webview, extension: vscode.Uri, place: Place): string {
  const nonce = newNonce();
  const source = (name: string) => webview.asWebviewUri(vscode.Uri.joinPath(pageRoot(extension), name)).toString();
  return page(webview, nonce, {
    place,
    style: webview.cspSource,
    head: `<link rel="stylesheet" href="${escapeHtml(source("webview.css"))}">`,
    body: `<div id="app"></div>\n<script nonce="${nonce}" src="${escapeHtml(source("webview.js"))}"></script>`,
  });
}

/** Instead of a blank view: why the chat can't be shown, and the two things to do about it. */
export function problemPage(webview: vscode.Webview, message: string): string {
  const nonce = newNonce();
  return page(webview, nonce, {
    style: `'nonce-${nonce}'`,
    head: `<style nonce="${nonce}">${problemStyle}</style>`,
    body: `<div id="app"><main role="alert"><p>${escapeHtml(message)}</p>
<p><button data-command="retry">Try again</button></p>
<p><button class="secondary" data-command="show-log">Show log</button></p></main></div>
<script nonce="${nonce}">${problemScript}</script>`,
  });
}

type Parts = { readonly place?: Place; readonly style: string; readonly head: string; readonly body: string };

function page(webview: vscode.Webview, nonce: string, parts: Parts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${parts.style}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data:`,
    "connect-src 'none'",
    "frame-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en" class="in-${parts.place ?? "sidebar"}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dispatch</title>
${parts.head}
</head>
<body>
${parts.body}
</body>
</html>`;
}

const newNonce = (): string => randomBytes(16).toString("base64url");

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character] ?? "");

const problemScript = `
const editor = acquireVsCodeApi();
for (const button of document.querySelectorAll("button")) {
  button.addEventListener("click", () => editor.postMessage({ type: "run", command: button.dataset.command }));
}`;

const problemStyle = `
main { padding: 4px 0; line-height: 1.5; overflow-wrap: anywhere; }
p { margin: 0 0 8px; }
button {
  width: 100%; max-width: 300px; padding: 4px 8px; border: 1px solid var(--vscode-button-border, transparent);
  border-radius: 2px; font: inherit; cursor: pointer;
  color: var(--vscode-button-foreground); background: var(--vscode-button-background);
}
button:hover { background: var(--vscode-button-hoverBackground); }
button.secondary {
  border-color: var(--vscode-button-secondaryBorder, var(--vscode-contrastBorder, transparent));
  color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground);
}
button.secondary:hover { background: var(--vscode-button-secondaryHoverBackground); }
button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }`;
