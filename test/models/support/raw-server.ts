/** A server that answers with exact bytes, for faults that an HTTP library would not let itself be talked into. */
import { createServer, type Socket } from "node:net";
import type { KeyConfig, ModelChoice } from "../../../src/models/types";

export type Got = { readonly head: string; readonly body: string };

export type RawServer = {
  readonly port: number;
  readonly choice: ModelChoice;
  /** Requests in order of arrival. */
  readonly got: readonly Got[];
  /** Resolves when the client has closed every connection that it sent a request on (`fetch` opens spare ones). */
  readonly allClosed: () => Promise<void>;
  /** How many connections have carried a request. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

/** @param garbage what to answer to bytes that are no HTTP request, such as a TLS greeting. */
export async function startRawServer(answer: (socket: Socket, got: Got) => void, garbage?: string): Promise<RawServer> {
  const got: Got[] = [];
  const open = new Set<Socket>();
  const inUse = new Set<Socket>();
  let connections = 0;
  let waiting: (() => void)[] = [];
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      open.delete(socket);
      inUse.delete(socket);
      if (inUse.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    });
    let bytes = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      if (garbage !== undefined && !chunk.toString("latin1").startsWith("POST ")) socket.end(garbage);
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      const head = bytes.subarray(0, end).toString("latin1");
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (bytes.length < end + 4 + length) return;
      const request = { head, body: bytes.subarray(end + 4, end + 4 + length).toString("utf8") };
      bytes = bytes.subarray(end + 4 + length);
      got.push(request);
      if (!inUse.has(socket)) connections += 1;
      inUse.add(socket);
      answer(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const key: KeyConfig = { id: "k1", provider: "anthropic", baseUrl: `http://127.0.0.1:${port}` };
  return {
    port,
    choice: { key, model: "claude-sonnet-5-5" },
    got,
    connections: () => connections,
    allClosed: () => (inUse.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A whole HTTP answer. Without a body length the end of the connection ends the body. */
export function http(status: number, headers: Readonly<Record<string, string>>, body: string): string {
  const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)) });
  return [`HTTP/1.1 ${status} X`, ...lines.map(([name, value]) => `${name}: ${value}`), "", body].join("\r\n");
}

/** The head of an event stream in chunks; write the rest with `chunk`, end it with `lastChunk`. */
export const streamHead =
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nrequest-id: req_1\r\ntransfer-encoding: chunked\r\n\r\n";
export const lastChunk = "0\r\n\r\n";

export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

export function event(type: string, fields: object = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}
