/**
 * One request for a tool: no cookies, no credentials, a bounded answer, redirects within the host, and never to an address
 * in the own network that nobody has allowed. The address is checked where the connection is made, so a name that stands
 * for another address a moment later (DNS rebinding) gains nothing.
 */

import { lookup as systemLookup } from "node:dns";
import type { IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip } from "node:zlib";
import { isPrivateAddress } from "./addresses";
import { http, https } from "./http";
import { parseTarget } from "./target";
import type { WebReply, WebRequest } from "./types";

export type Network = {
  readonly lookup: LookupFunction;
  /** Whether an address is in the machine's own network. */
  readonly isPrivate: (address: string) => boolean;
  /** Milliseconds for the whole request. */
  readonly timeoutMs: number;
  /** Bytes of an answer that are taken, after unpacking. */
  readonly maxBytes: number;
  /** Milliseconds for making HTML readable. */
  readonly readMs: number;
};

export const internet: Network = {
  lookup: systemLookup,
  isPrivate: isPrivateAddress,
  timeoutMs: 30_000,
  maxBytes: 5_000_000,
  readMs: 10_000,
};

const MAX_REDIRECTS = 5;
const AGENT = "Dispatch (a coding agent in VS Code, on behalf of its user)";

/** Thrown by the lookup, to end the connection. */
class PrivateAddress extends Error {
  readonly address: string;
  constructor(address: string) {
    super(`${address} is in the own network`);
    this.address = address;
  }
}

/** @throws only what `signal` aborts with. */
export async function get(request: WebRequest, network: Network): Promise<WebReply> {
  const timeout = AbortSignal.timeout(network.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  try {
    return await follow(request, network, signal);
  } catch (error) {
    request.signal.throwIfAborted();
    if (error instanceof PrivateAddress) return { kind: "private", address: error.address };
    if (timeout.aborted) return { kind: "failed", message: `no whole answer within ${network.timeoutMs / 1000} s` };
    return { kind: "failed", message: messageOf(error) };
  }
}

async function follow(request: WebRequest, network: Network, signal: AbortSignal): Promise<WebReply> {
  let url = request.url;
  for (let redirects = 0; ; redirects++) {
    const response = await send(url, request, network, signal);
    const status = response.statusCode ?? 0;
    const location = response.headers.location;
    if (status < 300 || status >= 400 || location === undefined) return page(url, status, response, network.maxBytes);
    response.destroy();
    const to = URL.canParse(location, url.href) ? parseTarget(new URL(location, url).href) : undefined;
    if (to === undefined || "error" in to)
      return { kind: "failed", message: `it leads to an address that can't be used: ${location.slice(0, 200)}` };
    const isSame = to.host === url.host && !(url.protocol === "https:" && to.url.protocol === "http:");
    if (!isSame) return { kind: "moved", to: to.url.href };
    if (redirects >= MAX_REDIRECTS) return { kind: "failed", message: `more than ${MAX_REDIRECTS} redirects` };
    url = to.url;
  }
}

async function send(
  url: URL,
  { mayBePrivate, json }: WebRequest,
  network: Network,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const check = (address: string): void => {
    if (!mayBePrivate && network.isPrivate(address)) throw new PrivateAddress(address);
  };
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(literal) !== 0)
    check(literal); // no name is looked up for it
  else await lookUp(literal, network, check, signal); // through a proxy no connection looks it up
  const options: RequestOptions = {
    lookup: checked(network.lookup, check),
    agent: false,
    method: json === undefined ? "GET" : "POST",
    signal,
    headers: {
      "user-agent": AGENT,
      accept: "text/html,application/xhtml+xml,text/markdown,text/plain,application/json;q=0.9,*/*;q=0.5",
      "accept-encoding": "gzip, br",
      ...(json === undefined ? {} : { "content-type": "application/json" }),
    },
  };
  return new Promise((resolve, reject) => {
    const client = url.protocol === "https:" ? https : http;
    client.request(url, options, resolve).on("error", reject).end(json);
  });
}

/** A name that can't be looked up here may be known to a proxy: the request says so itself if it is not. */
async function lookUp(
  host: string,
  network: Network,
  check: (address: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let onAbort = (): void => undefined;
  const found = new Promise<void>((resolve, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    network.lookup(host, { all: true }, (error, found) => {
      try {
        if (error === null) for (const address of addressesOf(found)) check(address);
        resolve();
      } catch (refused) {
        reject(refused);
      }
    });
  });
  try {
    await found;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function checked(lookup: LookupFunction, check: (address: string) => void): LookupFunction {
  return (host, options, done) =>
    lookup(host, options, (error, found, family) => {
      try {
        if (error === null) for (const address of addressesOf(found)) check(address);
      } catch (refused) {
        return done(refused instanceof PrivateAddress ? refused : new Error(messageOf(refused)), found, family);
      }
      done(error, found, family);
    });
}

function addressesOf(found: Parameters<Parameters<LookupFunction>[2]>[1]): readonly string[] {
  return typeof found === "string" ? [found] : found.map(({ address }) => address);
}

async function page(url: URL, status: number, response: IncomingMessage, max: number): Promise<WebReply> {
  const { body, isCut } = await read(unpacked(response), max);
  response.destroy();
  return { kind: "page", url: url.href, status, type: response.headers["content-type"] ?? "", body, isCut };
}

function unpacked(response: IncomingMessage): Readable {
  const packed = response.headers["content-encoding"]?.trim().toLowerCase();
  const unpack = packed === "gzip" ? createGunzip() : packed === "br" ? createBrotliDecompress() : undefined;
  if (unpack === undefined) return response;
  response.on("error", (error) => unpack.destroy(error));
  return response.pipe(unpack);
}

/** Leaving the loop ends the stream: what comes after the limit is not read, however well it was packed. */
async function read(stream: Readable, max: number): Promise<{ readonly body: Buffer; readonly isCut: boolean }> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    const bytes = Buffer.from(part);
    parts.push(bytes.subarray(0, max - size));
    size += bytes.length;
    if (size > max) return { body: Buffer.concat(parts), isCut: true };
  }
  return { body: Buffer.concat(parts), isCut: false };
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}
