/** Whatever comes in on stdin: the runner goes on, prints and writes nothing for it, and the question that is open stays open. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseFromView } from "../../src/chunks/protocol-check";
import { type Simulator, startSimulator } from "../simulator/server";
import { tempFolders } from "../support/agent";
import { harmless, malformed } from "../support/malformed";
import { call, steps, text } from "../support/script";
import { serve, settingsFile, stopRunners } from "./support";

const COUNT = 10_000;

const noJson = [
  "",
  "{",
  "null",
  "[]",
  "1e999",
  '"send"',
  "\u0000",
  '{"type":"send"',
  "{'type':'ready'}",
  "undefined",
  "[".repeat(50_000),
];

describe("lines on stdin that are no messages", () => {
  let simulator: Simulator;
  const folders = tempFolders({ "README.md": "# Sample\n" });

  before(async () => {
    const touch = (name: string) => ({ blocks: [call("run_shell", { command: `touch ${name}` })] });
    simulator = await startSimulator({ scenario: steps(touch("one"), touch("two"), { blocks: [text("ok")] }) });
  });
  after(async () => {
    stopRunners();
    await simulator.close();
    folders.remove();
  });

  it(`change nothing: ${COUNT} of them`, async () => {
    const runner = await serve({ ...folders, settings: settingsFile(folders, simulator.url) });
    const allow = (id: string) => runner.say({ type: "decide", tab: runner.tab(), id, answer: { kind: "allow_once" } });
    const end = runner.send("go");
    await runner.until(() => runner.cards().length === 1);
    const used = runner.cards()[0]?.id ?? "";
    allow(used);
    await runner.until(() => runner.cards().length === 1 && runner.cards()[0]?.id !== used);
    // The card comes a moment before the mark of its tab.
    await runner.until((state) => state.tabs[0]?.status === "needs-approval");
    const before = { rows: runner.rows(), tabs: runner.state().tabs, messages: runner.messages.length };

    const tab = runner.tab();
    const lines = fc.oneof(
      { weight: 4, arbitrary: malformed(tab).map(asLine) },
      { weight: 2, arbitrary: harmless({ tab, used }).map(asLine) },
      { weight: 1, arbitrary: fc.constantFrom(...noJson) },
      { weight: 1, arbitrary: fc.string({ unit: "binary" }).map((line) => line.replace(/[\n\r\u2028\u2029]/g, "")) },
    );
    // Without what JSON can't say, some are whole again.
    const wrong = fc.sample(
      lines.filter((line) => !isWhole(line, tab, used)),
      COUNT,
    );
    for (const line of wrong) runner.line(line);
    runner.say({ type: "recent" });
    await runner.until(() => runner.messages.at(-1)?.type === "recent");
    assert.deepEqual({ rows: runner.rows(), tabs: runner.state().tabs, messages: runner.messages.length - 1 }, before);

    allow(runner.cards()[0]?.id ?? "");
    assert.equal((await end).endReason, "done");
    assert.equal((await runner.end()).code, 0);
  });
});

function asLine(value: unknown): string {
  try {
    const json: unknown = JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? String(part) : part));
    return typeof json === "string" ? json : "null";
  } catch {
    return "null"; // it has a circle
  }
}

/** A message that counts: of the right shape, for the tab that is there, and not an answer to what was answered. */
function isWhole(line: string, tab: string, used: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return false;
  }
  const message = parseFromView(value);
  if ("error" in message) return false;
  if ("tab" in message && message.tab !== tab) return false;
  if (message.type === "decide") return ![used, "a".repeat(64), "nosuch"].includes(message.id);
  return !("callId" in message && message.callId === "nosuch") && !("id" in message && message.id === "nosuch");
}
