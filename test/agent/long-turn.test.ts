/**
 * The promise of the wire over thirty steps, in one process and over processes that are killed in between: every request
 * valid, each body begins with the one before, the cache is read as far as it was written, and the log can rebuild every body.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { openStore } from "../../src/store/open";
import { rebuild } from "../../src/wire/assemble";
import type { Reply } from "../simulator/reply";
import { type Simulator, startSimulator } from "../simulator/server";
import { DIST, STORE_WORKER, startAgent, tempFolders } from "../support/agent";
import { call, steps, text } from "../support/script";

const STEPS = 30;
const FILES = { "README.md": "# Sample\n\nÜmläute and 日本語.\n", "src/a.js": "export const a = 0;\n" };

/** Text, thinking, parallel reads, edits, a denial and a command, over and over, in every fragment mode. */
function longTurn(): readonly Reply[] {
  const modes = ["default", "fine", "bytes", "crlf", "batched"] as const;
  const replies = Array.from({ length: STEPS - 1 }, (_, index): Reply => {
    const fragment = modes[index % modes.length] ?? "default";
    switch (index % 5) {
      case 0:
        return {
          fragment,
          blocks: [
            { type: "thinking", thinking: `Step ${index}: ü 日本` },
            text(`I look (${index}).`),
            call("read_file", { path: "README.md" }),
            call("list_files", {}),
          ],
        };
      case 1:
        return {
          fragment,
          blocks: [{ type: "tool_use", name: "read_file", json: '{ "path" : "src/a.js", "limit": 20 }' }],
        };
      case 2:
        return {
          fragment,
          blocks: [text("Edit."), call("write_file", { path: `out/${index}.txt`, content: `line ${index}\n` })],
        };
      case 3:
        return {
          fragment,
          blocks: [call("run_shell", { command: `echo step ${index}` }), call("read_file", { path: "nowhere.txt" })],
        };
      default:
        return { fragment, blocks: Array.from({ length: 18 }, () => call("list_files", { path: "src" })) };
    }
  });
  return [...replies, { blocks: [text("All thirty steps are done.")] }];
}

function assertWire(simulator: Simulator, requests: number): void {
  const sent = simulator.messages();
  assert.deepEqual(
    sent.map((request) => request.error),
    sent.map(() => undefined),
  );
  assert.equal(sent.length, requests);
  for (const [index, request] of sent.entries()) {
    const before = sent[index - 1]?.usage;
    if (before === undefined) continue;
    assert.equal(request.prefix?.bytesIntact, true, `request ${index} begins with request ${index - 1}`);
    assert.equal(
      request.usage?.cache_read_input_tokens,
      before.cache_read_input_tokens + before.cache_creation_input_tokens,
      `request ${index} reads what was written`,
    );
  }
}

/** Every body of the past, rebuilt from the log, has the hash that was recorded when it was sent. */
async function assertRebuildable(storage: string, simulator: Simulator): Promise<void> {
  const store = await openStore({ folder: path.join(storage, "log"), worker: STORE_WORKER });
  try {
    const tab = (await store.tabs()).at(-1)?.id ?? "";
    const recorded = await store.requests(tab);
    for (const request of recorded) {
      const rows = await store.rows(tab, request.firstSeq, request.lastSeq);
      const prompt = (await store.prompt(request.promptHash)) ?? "";
      const body = rebuild({ ...request, ...request.options, prompt, rows }) ?? "";
      assert.equal(createHash("sha256").update(body).digest("hex"), request.bodySha256, `step ${request.step}`);
    }
    const hashes = new Set(recorded.map((request) => request.bodySha256));
    const sent = simulator.messages().map((request) => createHash("sha256").update(request.body).digest("hex"));
    // A request whose process was killed before the answer was sealed has no record; it was sent again, unchanged.
    assert.ok(sent.every((hash) => hashes.has(hash)));
  } finally {
    await store.close();
  }
}

describe("a turn with pauses", () => {
  it("can be rebuilt from the log: its requests say which of them sent a paused answer back", async () => {
    const folders = tempFolders(FILES);
    const pause = { blocks: [text("wait")], stopReason: "pause_turn" } as const;
    const simulator = await startSimulator({ scenario: steps(pause, pause, { blocks: [text("done")] }) });
    try {
      const agent = await startAgent({ simulator, ...folders });
      await agent.send("go");
      const requests = await agent.store.requests(agent.tab());
      assert.deepEqual(
        requests.map((request) => request.options),
        [undefined, { paused: true }, undefined],
      );
      await agent.close();
      await assertRebuildable(folders.storage, simulator);
    } finally {
      await simulator.close();
      folders.remove();
    }
  });
});

describe("a turn of thirty steps", () => {
  it("sends what it sent before, byte for byte, and reads all of it from the cache", async () => {
    const folders = tempFolders(FILES);
    const simulator = await startSimulator({ scenario: steps(...longTurn()) });
    try {
      const agent = await startAgent({
        simulator,
        ...folders,
        answer: (card) =>
          card.callId.length % 7 === 0 ? { kind: "deny", reason: "not this one" } : { kind: "allow_once" },
      });
      assert.equal((await agent.send("Do thirty steps")).endReason, "done");
      await agent.close();
      assertWire(simulator, STEPS);
      await assertRebuildable(folders.storage, simulator);
    } finally {
      await simulator.close();
      folders.remove();
    }
  });

  it("does the same when the process is killed between any two steps and a new one continues", async () => {
    const folders = tempFolders(FILES);
    const settings = path.join(folders.storage, "settings.json");
    let kill = (): void => undefined;
    const script = longTurn();
    const seen = new Set<number>();
    const simulator = await startSimulator({
      // Each step is asked for twice: the first time the process dies before it gets the answer.
      scenario: (request) => {
        const first = !seen.has(request.step);
        seen.add(request.step);
        if (first && request.step > 0) setImmediate(() => kill());
        const reply = script[request.step] ?? { blocks: [text("too many")] };
        return first && request.step > 0 ? { ...reply, fault: { kind: "stall", after: 2 } } : reply;
      },
    });
    writeFileSync(
      settings,
      JSON.stringify({
        "dispatch.keys": [{ id: "k1", provider: "anthropic", baseUrl: simulator.url, env: "TEST_KEY" }],
        "dispatch.models": [{ key: "k1", model: "claude-sonnet-5-5" }],
      }),
    );
    const run = (...args: readonly string[]): Promise<number | string | null> =>
      new Promise((resolve) => {
        const child = spawn(
          process.execPath,
          [
            path.join(DIST, "headless.js"),
            "--workspace",
            folders.root,
            "--storage",
            folders.storage,
            "--settings",
            settings,
            "--approve",
            "all",
            ...args,
          ],
          { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, TEST_KEY: "secret" } },
        );
        kill = () => void child.kill("SIGKILL");
        child.on("exit", (code, signal) => resolve(code ?? signal));
      });
    try {
      let end = await run("--prompt", "Do thirty steps");
      let kills = 0;
      while (end === "SIGKILL" && kills++ < STEPS + 5) end = await run("--resume");
      assert.equal(end, 0);
      assert.equal(kills, STEPS - 1);
      const answered = simulator.messages().filter((request) => request.outcome === "complete");
      assert.equal(answered.length, STEPS);
      assert.ok(simulator.messages().every((request) => request.error === undefined));
      for (const request of simulator.messages().slice(1)) assert.equal(request.prefix?.bytesIntact, true);
      await assertRebuildable(folders.storage, simulator);
      assert.equal(readdirSync(path.join(folders.root, "out")).length, 6);
    } finally {
      await simulator.close();
      folders.remove();
    }
  }).timeout(180_000);
});
