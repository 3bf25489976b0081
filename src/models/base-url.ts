/** Where a key may be sent: the rules for `baseUrl`, and the names that sentences use for it. */

/**
 * @returns the predicate of a sentence (`has a query …; write …`), or undefined when the address may be used.
 *   Plain http is for loopback only: over a network the key and the conversation would be readable.
 */
export function baseUrlProblem(value: string): string | undefined {
  const url = parse(value);
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    return "is not a web address; write one that starts with https://, such as https://api.anthropic.com";
  }
  if (url.username !== "" || url.password !== "") {
    return "has a user name or password in it; write it without, and set the key with Dispatch: Set API Key";
  }
  if (value.includes("?") || value.includes("#")) {
    return "has a query or fragment; write only the address up to the path, without ? and #";
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return `would send the key to ${url.host} unencrypted; write https://, plain http is for this machine only (http://127.0.0.1 or http://localhost)`;
  }
  if (/\/v1(\/messages)?\/*$/.test(url.pathname)) {
    return "ends in /v1; write it without, since Dispatch adds /v1/messages itself";
  }
  return undefined;
}

/** One form for each address: normalised by the URL standard, without a slash at the end. */
export function trimBaseUrl(value: string): string {
  return new URL(value).href.replace(/\/+$/, "");
}

/** Host and port as a sentence names them; for a base URL that `baseUrlProblem` has passed, or VS Code's own. */
export function hostOf(baseUrl: string): string {
  if (baseUrl.startsWith("vscode:")) return "VS Code";
  return parse(baseUrl)?.host ?? baseUrl;
}

/** Whether the address is one of this machine; for a base URL that `baseUrlProblem` has passed. */
export function isLoopbackUrl(baseUrl: string): boolean {
  const url = parse(baseUrl);
  return url !== undefined && isLoopback(url.hostname);
}

/** Who pays for requests with this key, for servers that do not say it themselves. */
export function accountOfKey({ id, baseUrl }: { readonly id: string; readonly baseUrl: string }): string {
  return `${id}@${parse(baseUrl)?.origin ?? baseUrl}`;
}

function parse(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined;
}

/** By the parsed name, so that `127.0.0.1.example.org` is not taken for it. */
function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}
