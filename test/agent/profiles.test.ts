/** A turn with tools at each kind of server: what goes out, and that the server takes all of it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { ProfileOverrides, ProviderId } from "../../src/models/types";
import { rebuild } from "../../src/wire/assemble";
import type { Fault } from "../simulator/faults";
import type { RecordedRequest } from "../simulator/requests";
import { startSimulator } from "../simulator/server";
import type { SkinName } from "../simulator/skins";
import { type Agent, startAgent, tempFolders } from "../support/agent";
import { call, steps, text } from "../support/script";

const canary = `sk-canary-${"c4n4ry".repeat(6)}`;

const script = steps(
  {
    blocks: [
      { type: "thinking", thinking: "Both at once." },
      text("I look."),
      call("read_file", { path: "src/a.js" }),
      call("read_file", { path: "README.md" }),
    ],
  },
  { blocks: [call("edit_file", { path: "src/a.js", edits: [{ old_text: "a = 1", new_text: "a = 2" }] })] },
  { blocks: [text("Done.")] },
);

type Server = {
  readonly provider: ProviderId;
  readonly skin: SkinName;
  readonly model: string;
  readonly key?: boolean;
  readonly profile?: ProfileOverrides;
  readonly fault?: Fault;
  /** Which header carries the key, which version is named, which members the body has beside the usual ones. */
  readonly sends: string;
};

const claude = "claude-sonnet-5-5";

const servers: readonly Server[] = [
  {
    provider: "anthropic",
    skin: "anthropic",
    model: claude,
    key: true,
    sends: "authorization 2026-10-21 marks thinking output_config 32000",
  },
  { provider: "ollama", skin: "ollama", model: "qwen3:8b", sends: "nothing 2023-06-01 32000" },
  { provider: "ollama", skin: "ollama", model: "qwen3:8b", key: true, sends: "authorization 2023-06-01 32000" },
  {
    provider: "llama.cpp",
    skin: "ollama",
    model: "any",
    fault: { kind: "duplicate-ids", times: 99 },
    sends: "nothing 2023-06-01 32000",
  },
  { provider: "lm-studio", skin: "ollama", model: "a/b", sends: "nothing 2023-06-01 32000" },
  { provider: "vllm", skin: "vllm", model: "qwen3-coder", sends: "nothing 2023-06-01 8192" },
  {
    provider: "litellm",
    skin: "strict-proxy",
    model: claude,
    key: true,
    sends: "authorization 2023-06-01 marks 32000",
  },
  {
    provider: "openrouter",
    skin: "strict-proxy",
    model: claude,
    key: true,
    sends: "authorization 2023-06-01 marks 32000",
  },
  { provider: "vercel", skin: "strict-proxy", model: claude, key: true, sends: "authorization 2023-06-01 marks 32000" },
  {
    provider: "deepseek",
    skin: "ollama",
    model: "deepseek-v4-pro",
    key: true,
    sends: "authorization 2023-06-01 output_config 32000",
  },
  {
    provider: "moonshot",
    skin: "ollama",
    model: "kimi-k3",
    key: true,
    sends: "authorization 2023-06-01 output_config 32000",
  },
  { provider: "zai", skin: "ollama", model: "glm-5.2", key: true, sends: "authorization 2023-06-01 32000" },
  { provider: "minimax", skin: "old-api", model: claude, key: true, sends: "x-api-key 2023-06-01 marks 32000" },
  { provider: "custom", skin: "ollama", model: "any", sends: "nothing 2023-06-01 32000" },
  {
    provider: "custom",
    skin: "old-api",
    model: "claude-opus-4-6",
    key: true,
    profile: { auth: "x-api-key", cacheMarks: true, thinking: "claude", effort: ["high"], maxTokens: 4_000 },
    sends: "x-api-key 2023-06-01 marks thinking output_config 4000",
  },
];

/** What is remarkable of a request: see `sends`. */
function sent(request: RecordedRequest): string {
  const { headers } = request;
  const auth = ["authorization", "x-api-key"].filter((name) => headers[name] !== undefined);
  const body: Readonly<Record<string, unknown>> = JSON.parse(request.body.toString());
  const usual = ["model", "stream", "tools", "system", "messages", "max_tokens"];
  return [
    auth.join("+") || "nothing",
    headers["anthropic-version"],
    ...(request.body.includes("cache_control") ? ["marks"] : []),
    ...Object.keys(body).filter((name) => !usual.includes(name)),
    body.max_tokens,
  ].join(" ");
}

/** Headers that Node's fetch sends by itself. */
const ofFetch = ["host", "connection", "accept-language", "sec-fetch-mode", "accept-encoding", "content-length"];
const ours = ["accept", "content-type", "user-agent", "anthropic-version", "authorization", "x-api-key"];

async function takeTurn(server: Server, use: (agent: Agent, requests: readonly RecordedRequest[]) => Promise<void>) {
  const folders = tempFolders({ "README.md": "# Sample\n", "src/a.js": "export const a = 1;\n" });
  const { skin, provider, model, profile, fault } = server;
  const simulator = await startSimulator({
    scenario: script,
    skin,
    ...(fault === undefined ? {} : { faults: [{ fault }] }),
  });
  const key = { id: "k", provider, baseUrl: simulator.url, ...(profile === undefined ? {} : { profile }) };
  const agent = await startAgent({
    simulator,
    ...folders,
    secret: server.key === true ? canary : "",
    settings: { "dispatch.keys": [key], "dispatch.models": [{ key: "k", model, effort: "high" }] },
    answer: () => ({ kind: "allow_once" }),
  });
  try {
    assert.equal((await agent.send("Make a two")).endReason, "done");
    await use(agent, simulator.requests);
  } finally {
    await agent.close();
    await simulator.close();
    folders.remove();
  }
}

describe("a turn with tools", () => {
  for (const server of servers) {
    const { provider, skin, key, sends } = server;
    it(`at ${provider}, played by ${skin}, ${key === true ? "with" : "without"} a key: ${sends}`, async () => {
      await takeTurn(server, async (agent, requests) => {
        const messages = requests.filter((request) => request.method === "POST");
        assert.deepEqual(
          messages.map((request) => [request.status, sent(request)]),
          [1, 2, 3].map(() => [200, sends]),
        );
        assert.equal(readFileSync(path.join(agent.root, "src/a.js"), "utf8"), "export const a = 2;\n");
        for (const { headers, body } of requests) {
          const known = provider === "anthropic" ? /^x-stainless-/ : /^$/;
          const names = Object.keys(headers).filter((name) => !known.test(name) && !ofFetch.includes(name));
          assert.deepEqual(
            names.filter((name) => !ours.includes(name)),
            [],
          );
          const carriers = Object.entries(headers).filter(([, value]) => String(value).includes(canary));
          assert.equal(carriers.length, key === true ? 1 : 0);
          assert.ok(!body.includes(canary));
        }
        for (const [index, request] of (await agent.store.requests(agent.tab())).entries()) {
          const rows = await agent.store.rows(agent.tab(), request.firstSeq, request.lastSeq);
          const prompt = (await agent.store.prompt(request.promptHash)) ?? "";
          const rebuilt = rebuild({ ...request, ...request.options, prompt, rows });
          assert.equal(rebuilt, messages[index]?.body.toString());
        }
        const seen = JSON.stringify([agent.messages, agent.logged, await agent.rows()]);
        assert.ok(!seen.includes(canary));
      });
    });
  }

  it("gives calls that a server names alike ids of their own, in the log and on the wire", async () => {
    const server = servers.find((one) => one.provider === "llama.cpp");
    assert.ok(server !== undefined);
    await takeTurn(server, async (agent, requests) => {
      const named = (await agent.rows()).flatMap((row) =>
        row.type === "tool_call" || row.type === "tool_result"
          ? [`${row.type} ${row.data.callId} ${row.data.name}`]
          : [],
      );
      const id = named[0]?.split(" ")[1];
      assert.deepEqual(
        [...named.slice(0, 2), ...named.slice(2, 4).toSorted(), ...named.slice(4)],
        [
          `tool_call ${id} read_file`,
          `tool_call ${id}-2 read_file`,
          `tool_result ${id} read_file`,
          `tool_result ${id}-2 read_file`,
          `tool_call ${id}-3 edit_file`,
          `tool_result ${id}-3 edit_file`,
        ],
      );
      const shown = agent.messages.flatMap((message) =>
        message.type === "live" && message.event.kind === "block" && message.event.block.kind === "tool"
          ? [message.event.block.callId]
          : [],
      );
      assert.deepEqual(shown, [id, `${id}-2`, `${id}-3`]);
      const last: string = requests.at(-1)?.body.toString() ?? "";
      const results = [...last.matchAll(/"tool_use_id":"([^"]+)","content":"([^"]{0,40})/g)].map((match) =>
        match.slice(1),
      );
      assert.deepEqual(
        results.map(([callId]) => callId),
        [id, `${id}-2`, `${id}-3`],
      );
      assert.match(results[0]?.[1] ?? "", /export const a/);
      assert.match(results[1]?.[1] ?? "", /# Sample/);
    });
  });
});
