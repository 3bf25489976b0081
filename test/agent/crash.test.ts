/**
 * Dispatch dies at every moment of a turn at which something is written: before the write, after it. Each time a new session on what was on
 * the disk then continues to the same end, validly, and nothing that may have run runs again by itself.
 */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Surroundings } from "../../src/agent/types";
import type { Row } from "../../src/chunks/rows";
import { repair } from "../../src/wire/validity";
import type { Reply } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { type Agent, rowLines, startAgent, tempFolders } from "../support/agent";
import { noUnhandledRejections } from "../support/loose-ends";
import { call, text } from "../support/script";

noUnhandledRejections();

/** What each call leaves in ran.txt when it runs. */
const run = (word: string) => call("run_shell", { command: `echo ${word} >> ran.txt` });

const replies: readonly Reply[] = [
  { blocks: [text("I look."), call("read_file", { path: "README.md" }), run("one"), run("two")] },
  {
    blocks: [text("I write"), call("write_file", { path: "x", content: "long" })],
    fault: { kind: "stop", reason: "max_tokens" },
  },
  { blocks: [run("three")] },
  { blocks: [text("done")] },
];

const scenario: Scenario = (request) =>
  (request.userText === "something else" ? undefined : replies[request.steps]) ?? { blocks: [text("fine")] };

type Moment = { readonly root: string; readonly storage: string };

/** Copies of the folders before and after each write until the turn is done, as a power cut at that moment leaves them. */
async function moments(
  simulator: Simulator,
  { base, from, goOn }: { base: string; from?: Moment; goOn: (agent: Agent) => Promise<void> },
): Promise<readonly Moment[]> {
  mkdirSync(base);
  const folders = tempFolders({ "README.md": "# Sample\n" });
  if (from !== undefined) {
    cpSync(from.root, folders.root, { recursive: true });
    cpSync(from.storage, folders.storage, { recursive: true });
  }
  const taken: Moment[] = [];
  const take = (): void => {
    const at = {
      root: path.join(base, `${taken.length}`, "workspace"),
      storage: path.join(base, `${taken.length}`, "storage"),
    };
    mkdirSync(path.dirname(at.root));
    cpSync(folders.root, at.root, { recursive: true });
    cpSync(folders.storage, at.storage, { recursive: true });
    rmSync(path.join(at.storage, "log", "owner.json"), { force: true });
    taken.push(at);
  };
  const surroundings = (own: Surroundings): Surroundings => ({
    ...own,
    store: {
      ...own.store,
      state: own.store.state,
      recovery: own.store.recovery,
      async write(ops) {
        take();
        await own.store.write(ops);
        take();
      },
    },
  });
  try {
    const agent = await startAgent({ simulator, ...folders, surroundings, answer: () => ({ kind: "allow_once" }) });
    await goOn(agent);
    await agent.close();
  } finally {
    folders.remove();
  }
  return taken;
}

/** Brings what was left to its end: *Resume* where it is offered, else the message again if it was lost. */
async function goOn(agent: Agent): Promise<void> {
  if (agent.state().tabs[0]?.resumable === true) assert.equal((await agent.resume()).endReason, "done");
  else if ((await agent.rows()).length === 0) assert.equal((await agent.send("go")).endReason, "done");
}

async function goOnToTheEnd(agent: Agent): Promise<void> {
  await goOn(agent);
  const last = (await agent.rows()).findLast((row) => row.role === "assistant" && row.type === "text");
  assert.equal(last?.type === "text" && last.data.text, "done");
}

const ran = (root: string): string => {
  const file = path.join(root, "ran.txt");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};

describe("a process that dies at any write of a turn", () => {
  let base = "";
  let simulator: Simulator;
  let all: readonly Moment[] = [];
  before(async () => {
    base = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-crash-")));
    simulator = await startSimulator({ scenario });
    all = await moments(simulator, { base: path.join(base, "first"), goOn });
  });
  after(async () => {
    await simulator.close();
    rmSync(base, { recursive: true, force: true });
  });

  const check = async (moment: Moment, continueIt: (agent: Agent) => Promise<void>): Promise<void> => {
    const ranBefore = ran(moment.root);
    const agent = await startAgent({ simulator, ...moment, answer: () => ({ kind: "allow_once" }) });
    try {
      const rows = await agent.rows();
      const answered = new Set(rows.flatMap((row) => (row.type === "tool_result" ? [row.data.callId] : [])));
      const decided = new Set((await agent.store.approvals(agent.tab())).map((one) => one.callId));
      for (const row of rows)
        if (row.type === "tool_call" && !answered.has(row.data.callId))
          assert.ok(
            !decided.has(row.data.callId) && row.data.name !== "read_file",
            "only calls that never ran are left open",
          );
      const seen = simulator.messages().length;
      assert.equal(agent.state().tabs[0]?.status, "idle", "nothing runs by itself");
      assert.equal(ran(moment.root), ranBefore, "nothing runs by itself");
      await continueIt(agent);
      const sent = simulator.messages().slice(seen);
      assert.deepEqual(
        sent.map((request) => request.error),
        sent.map(() => undefined),
      );
      const now = await agent.rows();
      const sendable = now.filter((row) => row.type !== "system" && row.type !== "error");
      // Results are sealed as they come and sent in the order of their calls: nothing else may need mending.
      const ids = (rows: readonly Row[]) => rows.map((row) => row.id).sort();
      assert.deepEqual(ids(repair(sendable, true)), ids(sendable), `the log needs no repair:\n${rowLines(now)}`);
      const words = ran(moment.root)
        .split("\n")
        .filter((word) => word !== "");
      assert.equal(new Set(words).size, words.length, `no call ran twice: ${words}`);
    } finally {
      await agent.close();
    }
  };

  it("is continued with Resume to the same end", async () => {
    assert.ok(all.length > 20, `${all.length} moments`);
    for (const moment of all.filter((_, index) => index % 2 === 0)) await check(moment, goOnToTheEnd);
  }).timeout(120_000);

  it("and dies once more after it was continued, is continued to the same end all the same", async () => {
    const from = all.find(({ storage }) =>
      readFileSync(path.join(storage, "log", "journal")).includes("two >> ran.txt"),
    );
    assert.ok(from !== undefined && ran(from.root) === "", "two commands wait for their answers");
    const again = await moments(simulator, { base: path.join(base, "again"), from, goOn });
    assert.ok(again.length > 20, `${again.length} moments`);
    for (const moment of again.filter((_, index) => index % 2 === 0)) await check(moment, goOnToTheEnd);
  }).timeout(120_000);

  it("is passed over by a new message, which begins a valid turn", async () => {
    const { length } = all;
    for (const moment of all.filter((_, index) => index % 2 === 1 && index < length - 1))
      await check(moment, async (agent) => {
        const end = await agent.send("something else");
        assert.equal(end.endReason, "done");
      });
  }).timeout(120_000);
});
