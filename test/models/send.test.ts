import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { profileOf } from "../../src/models/profiles";
import { createSender } from "../../src/models/send";
import type { KeyConfig, WireEvent } from "../../src/models/types";
import { chunk, event, http, lastChunk, type RawServer, startRawServer, streamHead } from "./support/raw-server";
import { never, read, run, secret } from "./support/run";

async function withServer<T>(answer: (socket: Socket) => void, test: (server: RawServer) => Promise<T>): Promise<T> {
  const server = await startRawServer(answer);
  try {
    return await test(server);
  } finally {
    await server.close();
  }
}

const start = event("message_start", { message: { id: "msg_1" } });

describe("how long a server may say nothing", () => {
  it("is longer on this machine, which may have to load the model and to read a long prompt first", () => {
    const patience = (key: Partial<KeyConfig>) =>
      profileOf({ id: "k", provider: "anthropic", baseUrl: "http://127.0.0.1:9", ...key }).patienceMs / 60_000;
    assert.deepEqual(
      [
        patience({}),
        patience({ provider: "ollama" }),
        patience({ provider: "vllm", baseUrl: "https://box.example" }),
        patience({ provider: "custom" }),
        patience({ provider: "custom", baseUrl: "https://box.example" }),
      ],
      [2, 10, 10, 10, 2],
    );
  });
});

describe("sending a request", () => {
  it("sends the body byte for byte, and the key to nobody but the server", async () => {
    const body = `{ "a" : 1.0, "n":12345678901234567890, "10":"é€😀\\u00e9",\n"2":[]}`;
    process.env.ANTHROPIC_CUSTOM_HEADERS = "authorization: Bearer from-the-environment\nx-other: 1";
    try {
      await withServer(
        (socket) => socket.write(http(200, { "content-type": "text/event-stream" }, event("message_stop"))),
        async (server) => {
          const reply = await createSender({ secret: async () => `${secret}\n` })(body, server.choice, never);
          assert.deepEqual(await read(reply), { events: ["message_stop"] });
          assert.deepEqual(
            server.got.map((got) => got.body),
            [body],
          );
          const lines = server.got[0]?.head.split("\r\n") ?? [];
          const others = /^(?:x-stainless|user-agent|host|connection|sec-fetch|accept-)/;
          const own = lines
            .map((line) => line.replace(/^[\w-]+:/, (name) => name.toLowerCase()))
            .filter((line) => !others.test(line));
          assert.deepEqual(own.sort(), [
            "POST /v1/messages HTTP/1.1",
            "accept: application/json",
            "anthropic-version: 2026-10-21",
            `authorization: Bearer ${secret}`,
            `content-length: ${Buffer.byteLength(body)}`,
            "content-type: application/json",
          ]);
        },
      );
    } finally {
      delete process.env.ANTHROPIC_CUSTOM_HEADERS;
    }
  });

  it("sends to each kind of server the headers that it knows, and the key in one of them", async () => {
    await withServer(
      (socket) => socket.write(http(200, { "content-type": "text/event-stream" }, event("message_stop"))),
      async ({ choice, got }) => {
        const headersTo = async (key: Partial<KeyConfig>, set: string | undefined): Promise<readonly string[]> => {
          const send = createSender({ secret: async () => set });
          assert.equal(
            (await read(await send("{}", { ...choice, key: { ...choice.key, ...key } }, never))).failure,
            undefined,
          );
          const lines = got.at(-1)?.head.toLowerCase().split("\r\n").slice(1) ?? [];
          const ofFetch = /^(?:host|connection|content-length|sec-fetch-mode|accept-language|accept-encoding):/;
          return lines.filter((line) => !ofFetch.test(line)).sort();
        };
        const basic = ["accept: application/json", "content-type: application/json", "user-agent: dispatch"];
        const known = [...basic, "anthropic-version: 2023-06-01"];
        const bearer = `authorization: bearer ${secret.toLowerCase()}`;
        assert.deepEqual(await headersTo({ provider: "ollama" }, undefined), known.toSorted());
        assert.deepEqual(await headersTo({ provider: "ollama" }, secret), [...known, bearer].toSorted());
        assert.deepEqual(await headersTo({ provider: "custom" }, ""), known.toSorted());
        assert.deepEqual(await headersTo({ provider: "openrouter" }, secret), [...known, bearer].toSorted());
        assert.deepEqual(
          await headersTo({ provider: "custom", profile: { auth: "x-api-key", apiVersion: "none" } }, secret),
          [...basic, `x-api-key: ${secret.toLowerCase()}`].toSorted(),
        );
      },
    );
  });

  it("asks for a key where the server wants one after all, and has none for the editor's models outside the editor", async () => {
    await withServer(
      (socket) => socket.write(http(401, { "content-type": "application/json" }, `{"error":"unauthorized"}`)),
      async ({ choice, got }) => {
        const send = createSender({ secret: async () => undefined });
        const at = async (key: Partial<KeyConfig>) =>
          (await read(await send("{}", { ...choice, key: { ...choice.key, ...key } }, never))).failure;
        assert.equal((await at({ provider: "lm-studio" }))?.code, "no-key");
        assert.equal(got.length, 1);
        assert.equal((await at({ provider: "anthropic" }))?.code, "no-key");
        assert.deepEqual(await at({ provider: "vscode", baseUrl: "vscode://language-models" }), {
          code: "unreachable",
          message: `The model "claude-sonnet-5-5" belongs to VS Code and can only be used inside VS Code.`,
          advice: "Choose a model of another key in dispatch.models, then continue.",
          action: "open-settings",
          act: "give-up",
        });
        assert.equal(got.length, 1);
      },
    );
  });

  it("hands the editor's models to whoever can send to them", async () => {
    const asked: string[] = [];
    const send = createSender({
      secret: async () => assert.fail("there is no key to ask for"),
      others: {
        vscode: async (body, { model }) => {
          asked.push(`${model} ${body}`);
          return { ok: false, failure: { code: "aborted", message: "", act: "give-up" } };
        },
      },
    });
    const key = { id: "k", provider: "vscode", baseUrl: "vscode://language-models" } as const;
    await send("{}", { key, model: "gpt-5" }, never);
    assert.deepEqual(asked, ["gpt-5 {}"]);
  });

  it("passes events on as they were sent, whatever the bytes were cut into, and keeps pings to itself", async () => {
    const delta = { index: 0, delta: { type: "text_delta", text: "é€😀 \u2028" } };
    const text = [start, event("ping"), event("content_block_delta", delta), event("new_event", { x: 1 })].join("");
    const bytes = Buffer.from(`${text.replaceAll("\n", "\r\n")}data: {"type":"message_stop"}\n\n`);
    await withServer(
      (socket) => {
        socket.write(streamHead);
        for (const byte of bytes)
          socket.write(Buffer.concat([Buffer.from("1\r\n"), Buffer.of(byte), Buffer.from("\r\n")]));
        socket.write(lastChunk);
      },
      async (server) => {
        const reply = await createSender({ secret: async () => secret })("{}", server.choice, never);
        const events: WireEvent[] = [];
        const outcome = await read(reply, (item) => events.push(item));
        assert.equal(outcome.failure, undefined);
        assert.equal(reply.ok && reply.requestId, "req_1");
        assert.deepEqual(events, [
          { type: "message_start", message: { id: "msg_1" } },
          { type: "content_block_delta", ...delta },
          { type: "new_event", x: 1 },
          { type: "message_stop" },
        ]);
      },
    );
  });

  it("names the account that the server names, and no header that holds the key", async () => {
    const accounts: (string | undefined)[] = [];
    const own = { "anthropic-organization-id": "org_1", "anthropic-workspace-id": "wrkspc_1" };
    for (const headers of [own, { ...own, "anthropic-workspace-id": secret }, { "anthropic-organization-id": "a b" }]) {
      await withServer(
        (socket) => socket.write(http(200, { "content-type": "text/event-stream", ...headers }, event("message_stop"))),
        async (server) => {
          const reply = await createSender({ secret: async () => secret })("{}", server.choice, never);
          await read(reply);
          accounts.push(reply.ok ? reply.account : "failed");
        },
      );
    }
    assert.deepEqual(accounts, ["org_1/wrkspc_1", "org_1", undefined]);
  });

  it("uses the connection again after a complete answer", async () => {
    await withServer(
      (socket) => socket.write(`${streamHead}${chunk(start)}${chunk(event("message_stop"))}${lastChunk}`),
      async (server) => {
        for (let n = 0; n < 5; n += 1) {
          assert.deepEqual(await run(server.choice), { events: ["message_start", "message_stop"] });
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        assert.equal(server.got.length, 5);
        assert.ok(server.connections() < 5, `${server.connections()} connections for 5 requests`);
      },
    );
  });

  it("is over at message_stop, though the server holds the line", async () => {
    await withServer(
      (socket) => socket.write(`${streamHead}${chunk(event("message_stop"))}`),
      async (server) => {
        assert.deepEqual(await run(server.choice), { events: ["message_stop"] });
        await server.allClosed();
      },
    );
  });
});

describe("pings", () => {
  it("are a sign of life, but not for ever", async () => {
    const pinging = (socket: Socket) => {
      socket.write(`${streamHead}${chunk(start)}`);
      const timer = setInterval(() => socket.write(chunk(event("ping"))), 50);
      socket.on("close", () => clearInterval(timer));
    };
    await withServer(pinging, async (server) => {
      const began = performance.now();
      const outcome = await run(server.choice, { idleTimeoutMs: 1500, pingOnlyTimeoutMs: 2000 });
      assert.deepEqual([outcome.events, outcome.failure?.code], [["message_start"], "stalled"]);
      // The watchdog for silence would have been earlier.
      assert.ok(performance.now() - began >= 2000);
      await server.allClosed();
    });
  }).timeout(10_000);
});

describe("stopping a request", () => {
  const cases: Record<string, (socket: Socket) => void> = {
    "before the answer": () => {},
    "within an error page": (socket) => socket.write("HTTP/1.1 500 X\r\ncontent-length: 100\r\n\r\nhalf"),
    "within the answer": (socket) => socket.write(`${streamHead}${chunk(start)}`),
  };
  for (const [when, answer] of Object.entries(cases)) {
    it(`${when} ends it and closes the connection`, async () => {
      const stop = new AbortController();
      await withServer(
        (socket) => {
          answer(socket);
          setTimeout(() => stop.abort(), 20);
        },
        async (server) => {
          const outcome = await run(server.choice, {}, stop.signal);
          assert.deepEqual(outcome.failure, { code: "aborted", message: "The request was stopped.", act: "give-up" });
          await server.allClosed();
        },
      );
    });
  }

  it("between two events drops what had already arrived", async () => {
    const stop = new AbortController();
    await withServer(
      (socket) => socket.write(`${streamHead}${chunk(start + event("a") + event("b"))}`),
      async (server) => {
        const reply = await createSender({ secret: async () => secret })("{}", server.choice, stop.signal);
        const outcome = await read(reply, () => stop.abort());
        assert.deepEqual([outcome.events, outcome.failure?.code], [["message_start"], "aborted"]);
        await server.allClosed();
      },
    );
  });

  it("does not wait for a locked keyring, and sends nothing when it is too late", async () => {
    await withServer(
      () => {},
      async (server) => {
        const stop = new AbortController();
        setTimeout(() => stop.abort(), 10);
        const locked = await run(server.choice, { secret: () => new Promise(() => {}) }, stop.signal);
        const late = await run(server.choice, {}, stop.signal);
        assert.deepEqual([locked.failure?.code, late.failure?.code, server.connections()], ["aborted", "aborted", 0]);
      },
    );
  });

  it("is what leaving the loop early means", async () => {
    await withServer(
      (socket) => socket.write(`${streamHead}${chunk(start)}`),
      async (server) => {
        const reply = await createSender({ secret: async () => secret })("{}", server.choice, never);
        assert.ok(reply.ok);
        for await (const item of reply.events) {
          assert.equal(item.type, "message_start");
          break;
        }
        await server.allClosed();
      },
    );
  });
});
