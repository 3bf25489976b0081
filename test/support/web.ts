/** A web for tests: a real server on this machine, reached by names of which some count as being in the internet. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { LookupFunction } from "node:net";
import type { Network } from "../../src/tools/web/get";

export type TestWeb = {
  readonly port: number;
  /** What was asked for, as `host path`, in order. */
  readonly asked: readonly string[];
  readonly requests: readonly IncomingMessage[];
  readonly network: Network;
  readonly close: () => Promise<void>;
};

/** `127.0.0.1` stands for the internet here, all other addresses are in the own network. */
const INTERNET = "127.0.0.1";

/**
 * @param answer of the one server that all names lead to.
 * @param names addresses of names that are not in the internet; each look-up takes the next, the last one stays.
 */
export async function startWeb(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  names: Readonly<Record<string, readonly string[]>> = {},
  change: Partial<Network> = {},
): Promise<TestWeb> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, INTERNET, resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const counts = new Map<string, number>();
  const lookup: LookupFunction = (host, options, done) => {
    if (host.startsWith("unknown")) return done(Object.assign(new Error(`no ${host}`), { code: "ENOTFOUND" }), "");
    const list = names[host] ?? [INTERNET];
    const count = counts.get(host) ?? 0;
    counts.set(host, count + 1);
    const found = list[Math.min(count, list.length - 1)] ?? INTERNET;
    if (options.all === true) done(null, [{ address: found, family: 4 }]);
    else done(null, found, 4);
  };
  return {
    port,
    requests,
    get asked() {
      return requests.map(({ headers, url }) => `${headers.host?.replace(/:\d+$/, "")} ${url}`);
    },
    network: {
      lookup,
      isPrivate: (one) => one !== INTERNET,
      timeoutMs: 5_000,
      maxBytes: 100_000,
      readMs: 10_000,
      ...change,
    },
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
