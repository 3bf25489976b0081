/** The Messages API on loopback: `startSimulator` and what it gives back. How to write scenarios: docs/SIMULATOR.md. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createCache } from "./cache";
import { createDiagnostics } from "./diagnostics";
import { exchange, refuse, respond, type World } from "./exchange";
import { createRateLimits, type Limits, plentiful } from "./limits";
import { findModel, modelInfo, models } from "./models";
import { idFrom } from "./reply";
import { createRequestLog, type MutableRequest, type RecordedRequest } from "./requests";
import type { FaultRule, Scenario } from "./scenario";
import { createSigner } from "./signatures";
import { type SkinName, skins } from "./skins";
import { badRequest, type Clock } from "./types";
import { checkHeaders, keyOf } from "./validate";

export type SimulatorOptions = {
  readonly scenario: Scenario;
  /** Default: any free port. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly skin?: SkinName;
  /** Accept these keys only; default: every key that is not empty. */
  readonly keys?: readonly string[];
  readonly badKeys?: readonly string[];
  /** Organization of a key; keys without one share `org_simulator`. Cache, rate limits and some signatures go by it. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** In addition to the faults of the scenario, and before them. */
  readonly faults?: readonly FaultRule[];
  readonly limits?: Partial<Limits>;
  /** Milliseconds between two events where the reply does not say. */
  readonly pace?: number;
  /** Count every block as a cache position, as resellers do. */
  readonly everyBlockIsAPosition?: boolean;
  /** How many of the newest requests keep their bytes; default: all. */
  readonly keepBodies?: number;
  /** Models on one page of the list; default: 20. */
  readonly modelsPerPage?: number;
  /** Signs thinking; the same secret makes a restarted simulator accept what it signed before. */
  readonly secret?: string;
};

export type Simulator = {
  /** `http://127.0.0.1:PORT`, to be used as base URL. */
  readonly url: string;
  readonly port: number;
  /** Everything that came in, in order of arrival; entries are filled in while they are being answered. */
  readonly requests: readonly RecordedRequest[];
  /** Those to POST /v1/messages only. */
  readonly messages: () => readonly RecordedRequest[];
  /** Replaces the scenario for requests from now on. */
  readonly use: (scenario: Scenario) => void;
  /** Empties the prompt cache, as a server may at any time. */
  readonly forget: () => void;
  /** Ends all connections, stalled ones too. */
  readonly close: () => Promise<void>;
};

const maxBodyBytes = 32 * 1024 * 1024;

/** @throws when the port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  let scenario = options.scenario;
  let count = 0;
  const clock = options.clock ?? { now: Date.now };
  const world: World = {
    clock,
    skin: skins[options.skin ?? "anthropic"],
    scenario: () => scenario,
    faults: options.faults ?? [],
    pace: options.pace ?? 0,
    cache: createCache(clock, options.everyBlockIsAPosition),
    signer: createSigner(options.secret ?? "simulator"),
    limits: createRateLimits(clock, { ...plentiful, ...options.limits }),
    diagnostics: createDiagnostics(),
    log: createRequestLog(options.keepBodies ?? Number.POSITIVE_INFINITY),
    accepts: (key) => (options.keys?.includes(key) ?? true) && !(options.badKeys?.includes(key) ?? false),
    accountOf: (key) => options.accounts?.[key] ?? "org_simulator",
    paused: new Set(),
    modelsPerPage: options.modelsPerPage ?? 20,
    nextRequest: () => count++,
  };
  const server = createServer((request, response) => {
    void handle(world, request, response);
  });
  const port = await listen(server, options.port ?? 0);
  const { records } = world.log;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: records,
    messages: () => records.filter((record) => record.method === "POST" && record.path === "/v1/messages"),
    use: (next) => {
      scenario = next;
    },
    forget: world.cache.forget,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  response.on("error", () => gone.abort());
  const body = await readBody(request);
  if (body === undefined) return;
  const at = world.clock.now();
  const requestId = `req_${idFrom("request", String(at), String(world.log.records.length))}`;
  const record = world.log.add({
    method: request.method ?? "",
    path: (request.url ?? "").split("?")[0] ?? "",
    query: (request.url ?? "").split("?")[1] ?? "",
    headers: request.headers,
    body: body === "too large" ? Buffer.alloc(0) : body,
    at,
    requestId,
  });
  if (!world.skin.local) {
    response.setHeader("request-id", requestId);
    response.setHeader("anthropic-organization-id", world.accountOf(keyOf(request.headers)));
    response.setHeader("anthropic-workspace-id", "wrkspc_simulator");
    for (const [name, value] of Object.entries(world.limits.headers("organization"))) response.setHeader(name, value);
  }
  if (body === "too large") {
    const message = "Request exceeds the maximum allowed number of bytes. The maximum request size is 32 MB.";
    refuse(world, record, response, { status: 413, type: "request_too_large", message });
    return;
  }
  await route(world, record, response, gone.signal);
}

async function route(
  world: World,
  record: MutableRequest,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const target = `${record.method} ${record.path}`;
  if (target === "POST /v1/messages") return exchange(world, record, "messages", response, signal);
  if (target === "POST /v1/messages/count_tokens" && world.skin.countTokens) {
    return exchange(world, record, "count_tokens", response, signal);
  }
  if (record.method === "GET" && (record.path === "/v1/models" || record.path.startsWith("/v1/models/"))) {
    return serveModels(world, record, response);
  }
  refuse(world, record, response, { status: 404, type: "not_found_error", message: `Not found: ${record.path}` });
}

function serveModels(world: World, record: MutableRequest, response: ServerResponse): void {
  const { value } = checkHeaders(record.headers, world.skin, world.accepts).next();
  const model = findModel(decodeURIComponent(record.path.slice("/v1/models/".length)));
  if (value !== undefined) {
    refuse(world, record, response, typeof value === "string" ? badRequest(value) : value);
  } else if (record.path === "/v1/models") {
    respond(record, response, 200, {}, JSON.stringify(modelList(world, record.query)));
  } else if (model === undefined) {
    const message = `model: ${record.path.slice("/v1/models/".length)}`;
    refuse(world, record, response, { status: 404, type: "not_found_error", message });
  } else {
    respond(record, response, 200, {}, JSON.stringify(modelInfo(model)));
  }
}

function modelList({ skin, modelsPerPage }: World, query: string): unknown {
  if (skin.listed !== undefined) {
    return { object: "list", data: [{ object: "model", created: 1_790_000_000, ...skin.listed }] };
  }
  const after = new URLSearchParams(query).get("after_id");
  const start = after === null ? 0 : models.findIndex((model) => model.id === after) + 1;
  const data = models.slice(start, start + modelsPerPage).map(modelInfo);
  const has_more = start + modelsPerPage < models.length;
  return { data, has_more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

async function readBody(request: IncomingMessage): Promise<Buffer | "too large" | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of request) {
      if (!Buffer.isBuffer(part)) continue;
      size += part.length;
      // Reads on, so that the client gets the answer instead of a broken pipe.
      if (size <= maxBodyBytes) parts.push(part);
    }
  } catch {
    return undefined;
  }
  return size > maxBodyBytes ? "too large" : Buffer.concat(parts);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}
