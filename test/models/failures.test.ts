import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { connectionFailure, refusal } from "../../src/models/errors";
import { createSender } from "../../src/models/send";
import type { Failure } from "../../src/models/types";
import golden from "./golden/failures.txt";
import { chunk, event, http, lastChunk, startRawServer, streamHead } from "./support/raw-server";
import { never, read, run, secret } from "./support/run";

type Fault = readonly [name: string, answer: string | ((socket: Socket) => void)];

const json = { "content-type": "application/json", "request-id": "req_9" };
const html = { "content-type": "text/html" };
const start = event("message_start", { message: {} });
const page = (title: string) => `<html><title>${title}</title></html>`;

function api(status: number, type: string, message: string, headers: object = {}, details?: object): string {
  const error = { type, message, ...(details === undefined ? {} : { details }) };
  return http(status, { ...json, ...headers }, JSON.stringify({ type: "error", error, request_id: "req_9" }));
}

const stream = (...records: string[]) => streamHead + records.map(chunk).join("");
const errorEvent = (type: string, message: string) => event("error", { error: { type, message } });

const refusals: readonly Fault[] = [
  ["400", api(400, "invalid_request_error", "messages: roles must alternate")],
  ["400 credit", api(400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.")],
  ["400 own limit", api(400, "invalid_request_error", "You have reached your specified API usage limits.")],
  ["400 too long", api(400, "invalid_request_error", "prompt is too long: 1000001 tokens > 1000000 maximum")],
  ["401", api(401, "authentication_error", "invalid x-api-key")],
  ["402", api(402, "billing_error", "Your account has a billing problem.")],
  ["403", api(403, "permission_error", "Your API key has no permission for this resource.")],
  ["404 model", api(404, "not_found_error", "model: claude-sonnet-5-5")],
  ["413", api(413, "request_too_large", "Request exceeds the maximum allowed number of bytes.")],
  ["429 seconds", api(429, "rate_limit_error", "Too many tokens.", { "retry-after": "7" })],
  [
    "429 milliseconds",
    api(429, "rate_limit_error", "Too many tokens.", { "retry-after-ms": "1500", "retry-after": "2" }),
  ],
  ["429 an hour", api(429, "rate_limit_error", "Too many tokens.", { "retry-after": "3600" })],
  ["429 bare", api(429, "rate_limit_error", "Too many tokens.")],
  [
    "429 spend cap",
    api(
      429,
      "rate_limit_error",
      "You will regain access on 2026-12-01.",
      {},
      { error_code: "enforced_spend_limit_reached" },
    ),
  ],
  ["500", api(500, "api_error", "Internal server error")],
  ["502 page", http(502, html, page("502 Bad Gateway"))],
  ["503 empty", http(503, {}, "")],
  ["504", api(504, "timeout_error", "The request timed out.")],
  ["529", api(529, "overloaded_error", "Overloaded")],
  ["529 final", api(529, "overloaded_error", "Overloaded", { "x-should-retry": "false" })],
];

const otherServers: readonly Fault[] = [
  ["404 of another shape", http(404, json, `{"error":"model 'claude-sonnet-5-5' not found, try pulling it first"}`)],
  ["404 JSON", http(404, json, `{"detail":"Not Found"}`)],
  ["404 page", http(404, html, page("404"))],
  ["403 page", http(403, html, page("Access denied"))],
  ["501 page", http(501, html, page("Unsupported method ('POST')"))],
  ["307", http(307, { location: "https://login.example.org/?next=1" }, "")],
  ["200 page", http(200, html, page("Welcome"))],
  ["200 JSON", http(200, json, `{"type":"message","content":[]}`)],
  ["200 error", api(200, "overloaded_error", "Overloaded")],
  ["204", "HTTP/1.1 204 X\r\n\r\n"],
  ["events of another API", stream(`data: {"object":"chat.completion.chunk"}\n\n`, "data: [DONE]\n\n") + lastChunk],
];

const streams: readonly Fault[] = [
  ["error event, overloaded", stream(start, errorEvent("overloaded_error", "Overloaded"))],
  ["error event, rate limit", stream(start, errorEvent("rate_limit_error", "Too many tokens."))],
  ["error event, unknown", stream(start, errorEvent("novel_error", "?"))],
  ["clean end", stream(start) + lastChunk],
  ["empty", stream() + lastChunk],
  ["garbled", stream(start, 'event: content_block_delta\ndata: {"type":\n\n')],
  ["reset before the answer", (socket) => socket.resetAndDestroy()],
  ["reset within", (socket) => socket.write(stream(start), () => setTimeout(() => socket.resetAndDestroy(), 20))],
];

const silences: readonly Fault[] = [
  ["silence before the answer", () => {}],
  ["silence within an error page", "HTTP/1.1 500 X\r\ncontent-length: 100\r\n\r\nhalf"],
  ["silence within", stream(start)],
];

/** One failure as a person would meet it, with the server's port taken out. */
function render(name: string, failure: Failure | undefined, port: number): string {
  if (failure === undefined) return `${name}: no failure`;
  const { code, act, retryAfterMs, statusCode, requestId, message, advice, action, details } = failure;
  const wait = retryAfterMs === undefined ? "" : ` after ${retryAfterMs} ms`;
  const facts = [`${code}`, `${act}${wait}`, statusCode, requestId].filter((fact) => fact !== undefined).join(", ");
  const lines = [`${name}: ${facts}`, message, `> ${advice} [${action ?? "no button"}]`];
  return [...lines, ...(details === undefined ? [] : [`"${details}"`])].join("\n  ").replaceAll(`:${port}`, ":PORT");
}

async function outcomes(faults: readonly Fault[], patienceMs = 60_000): Promise<string> {
  const rendered: string[] = [];
  for (const [name, answer] of faults) {
    const server = await startRawServer((socket) =>
      typeof answer === "string" ? socket.write(answer) : answer(socket),
    );
    const { failure } = await run(server.choice, { headTimeoutMs: patienceMs, idleTimeoutMs: patienceMs });
    rendered.push(render(name, failure, server.port));
    await server.close();
  }
  return rendered.join("\n");
}

/** The part of the golden file under this heading. */
function section(heading: string): string {
  const parts = golden.split(/^## /m).map((part) => part.trim());
  return (
    parts
      .find((part) => part.startsWith(heading))
      ?.slice(heading.length)
      .trim() ?? ""
  );
}

describe("failures", () => {
  it("that the API reports", async () => assert.equal(await outcomes(refusals), section("that the API reports")));

  it("of an address where something else answers", async () =>
    assert.equal(await outcomes(otherServers), section("of an address where something else answers")));

  it("within a stream", async () => assert.equal(await outcomes(streams), section("within a stream")));

  it("to say anything more", async () => assert.equal(await outcomes(silences, 300), section("to say anything more")));

  it("of the network", async () => {
    const server = await startRawServer(() => {}, "HTTP/1.1 400 X\r\n\r\n");
    const { key, model } = server.choice;
    const insecure = await run({ key: { ...key, baseUrl: `https://127.0.0.1:${server.port}` }, model });
    await server.close();
    const refused = await run(server.choice);
    const nowhere = { key: { ...key, baseUrl: "https://api.example.invalid" }, model };
    const failed = (code: string) =>
      connectionFailure(
        new TypeError("fetch failed", { cause: Object.assign(new Error(`said ${code}`), { code }) }),
        nowhere,
      );
    const rendered = [
      render("TLS where there is none", { ...insecure.failure, details: "" } as Failure, server.port),
      render("connection refused", refused.failure, server.port),
      ...["ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "CERT_HAS_EXPIRED", "UND_ERR_HEADERS_TIMEOUT"].map((code) =>
        render(code, failed(code), 0),
      ),
      render("no error at all", connectionFailure("?", nowhere), 0),
    ];
    assert.equal(rendered.join("\n"), section("of the network"));
  });

  it("of the key", async () => {
    const server = await startRawServer(() => {});
    const { key, model } = server.choice;
    const withEnv = { key: { ...key, env: "KEY1" }, model };
    const rendered = [
      render("none", (await run(server.choice, { secret: async () => undefined })).failure, server.port),
      render("none in the environment", (await run(withEnv, { secret: async () => "" })).failure, server.port),
      render(
        "pasted wrong",
        (await run(server.choice, { secret: async () => "sk-ant-1\nsk-ant-2" })).failure,
        server.port,
      ),
      render(
        "locked",
        (await run(server.choice, { secret: () => Promise.reject(new Error("Locked.")) })).failure,
        server.port,
      ),
    ];
    assert.equal(server.connections(), 0);
    await server.close();
    assert.equal(rendered.join("\n"), section("of the key"));
  });

  it("wait until the date that the server names, not longer than ten minutes", () => {
    const key = { id: "k1", provider: "anthropic", baseUrl: "https://api.anthropic.com" } as const;
    const now = Date.UTC(2026, 10, 22, 12, 0, 0);
    const wait = (after: string) => {
      const headers = new Headers({ "retry-after": after });
      const { act, retryAfterMs, advice } = refusal({ status: 429, headers, text: "" }, { key, model: "m" }, now);
      return [act, retryAfterMs, advice];
    };
    const little = "Wait a little, then continue.";
    assert.deepEqual(
      [
        "Sun, 22 Nov 2026 12:00:30 GMT",
        "Sun, 22 Nov 2026 11:00:00 GMT",
        "600",
        "601",
        "Mon, 23 Nov 2026 10:30:00 GMT",
        "9999999",
        "soon",
      ].map(wait),
      [
        ["retry", 30_000, little],
        ["retry", undefined, little],
        ["retry", 600_000, little],
        ["give-up", 601_000, "It asks to wait 11 minutes; continue after that."],
        ["give-up", 81_000_000, "It asks to wait 23 hours; continue after that."],
        ["give-up", 9_999_999_000, "It asks to wait 116 days; continue after that."],
        ["retry", undefined, little],
      ],
    );
  });

  it("never say the key, whoever repeats it", async () => {
    const other = `sk-ant-api03-${"0ther".repeat(10)}`;
    const echo = `You sent Authorization: Bearer ${secret} and ${secret}${other}, {"k":"${secret}"}`;
    const error = JSON.stringify({ type: "error", error: { type: "api_error", message: echo }, request_id: secret });
    const answers = [
      ...[307, 400, 401, 404, 500].map((status) =>
        http(status, { location: `https://x.org/${secret}`, "request-id": secret }, echo),
      ),
      ...[400, 401, 404, 500].map((status) => http(status, json, error)),
      http(200, html, echo.repeat(100)),
      `${streamHead}${chunk(`event: error\ndata: ${error}\n\n`)}`,
      `${streamHead}${chunk(`event: x\ndata: ${echo}\n\n`)}`,
      `${streamHead}${chunk(`data: ${JSON.stringify({ echo })}\n\n`)}${lastChunk}`,
    ];
    const said: string[] = [];
    const log = (_level: string, message: string) => said.push(message);
    for (const answer of answers) {
      const server = await startRawServer((socket) => socket.write(answer));
      const reply = await createSender({ secret: async () => secret, log })("{}", server.choice, never);
      const { failure } = await read(reply);
      said.push(JSON.stringify(failure));
      assert.match(said.at(-1) ?? "", /\[secret\]/);
      assert.ok((failure?.details ?? "").length <= 2000);
      await server.close();
    }
    assert.deepEqual(
      said.filter((text) => /s3cr3t|0ther/.test(text)),
      [],
    );
  });
});
