/** The demo model at work on a real copy of the sample, with small real tools. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { send } from "./client";
import { demoScenario } from "./demo";
import { type Simulator, startSimulator } from "./server";
import { type Fields, isFields, listOf, textOf } from "./types";

const sample = path.join(process.cwd(), "test/simulator/sample");
const tools = ["read_file", "list_files", "write_file", "edit_file", "run_shell"].map((name) => ({
  name,
  input_schema: { type: "object" },
}));

describe("simulator: the demo model", () => {
  let simulator: Simulator;
  let folder: string;

  before(async () => {
    simulator = await startSimulator({ scenario: demoScenario(0) });
  });
  after(() => simulator.close());
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "demo-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const useSample = () => cpSync(sample, folder, { recursive: true });

  /** Plays a turn to its end; which calls were made, and the last words. */
  async function turn(before: readonly Fields[], words: string, denied: readonly string[] = []) {
    const messages: Fields[] = [...before, { role: "user", content: words }];
    const calls: string[] = [];
    for (;;) {
      const answer = await send(simulator.url, { model: "claude-sonnet-5-5", max_tokens: 5000, tools, messages });
      assert.equal(answer.status, 200, answer.body);
      const parsed: unknown = JSON.parse(answer.body);
      const content = isFields(parsed) ? listOf(parsed.content).filter(isFields) : [];
      messages.push({ role: "assistant", content });
      const uses = content.filter((block) => block.type === "tool_use");
      if (uses.length === 0) return { messages, calls, last: content.map((block) => textOf(block.text)).join("") };
      calls.push(uses.map((block) => textOf(block.name)).join("+"));
      messages.push({ role: "user", content: uses.map((use) => resultOf(use, denied)) });
    }
  }

  function resultOf(use: Fields, denied: readonly string[]): Fields {
    const name = textOf(use.name);
    const outcome = denied.includes(name)
      ? { content: "The person denied this call and said: not now\nIt was not run.", is_error: true }
      : runTool(folder, name, isFields(use.input) ? use.input : {});
    return { type: "tool_result", tool_use_id: use.id, ...outcome };
  }

  it("reads, edits and tests the sample, after which its tests pass", async () => {
    useSample();
    const first = await turn([], "What can you do?");
    assert.deepEqual(first.calls, ["list_files+read_file", "read_file", "edit_file", "run_shell"]);
    assert.match(
      first.last,
      /^## The wish is met[\s\S]*\*\*Tests:\*\* all pass \(3 of 3\)[\s\S]*```js[\s\S]*\| 4 \| `edit_file` \| done \|[\s\S]*demo model/,
    );
    assert.equal(spawnSync("node", ["test.js"], { cwd: folder }).status, 0);
    const second = await turn(first.messages, "What is in test.js?");
    assert.deepEqual(second.calls, ["read_file"]);
    assert.match(second.last, /^I read `test\.js`, \d+ lines/);
    const again = await turn([], "Once more in a new chat");
    assert.deepEqual(again.calls, ["list_files+read_file", "read_file", "run_shell"]);
    assert.match(again.last, /nothing: the wish was met before/);
  });

  it("stops at a denied edit, says why, and what it would have done", async () => {
    useSample();
    const { calls, last } = await turn([], "Go", ["edit_file"]);
    assert.deepEqual(calls, ["list_files+read_file", "read_file", "edit_file"]);
    assert.match(
      last,
      /^You denied `edit_file` and said: "not now"[\s\S]*I would have used it to add an optional `hour`[\s\S]*function greetingFor/,
    );
    assert.equal(
      readFileSync(path.join(folder, "src/greeting.js"), "utf8"),
      readFileSync(path.join(sample, "src/greeting.js"), "utf8"),
    );
  });

  it("does not claim tests that were denied", async () => {
    useSample();
    const { last } = await turn([], "Go", ["run_shell"]);
    assert.match(last, /^## The change is made, the tests are open[\s\S]*\*\*Tests:\*\* were not run: you denied/);
    assert.doesNotMatch(last, /all pass/);
  });

  it("only looks in any other project, and in an empty folder", async () => {
    writeFileSync(path.join(folder, "package.json"), '{"name":"mine"}');
    writeFileSync(path.join(folder, "notes.txt"), "mine");
    const own = await turn([], "Rewrite everything");
    assert.deepEqual(own.calls, ["list_files+read_file", "read_file", "run_shell"]);
    assert.match(
      own.last,
      /^## What I saw[\s\S]*`notes\.txt`, `package\.json`[\s\S]*README\.md:\*\* could not be read/,
    );
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(path.join(tmpdir(), "demo-"));
    const empty = await turn([], "Go", ["run_shell"]);
    assert.deepEqual(empty.calls, ["list_files+read_file", "run_shell"]);
    assert.match(empty.last, /none that I could list[\s\S]*you denied it/);
  });
});

function runTool(folder: string, name: string, input: Fields): Fields {
  const file = path.join(folder, textOf(input.path) || ".");
  try {
    switch (name) {
      case "list_files": {
        const entries = readdirSync(file, { withFileTypes: true });
        return {
          content: [
            `[${entries.length} entries]`,
            ...entries.map((e) => (e.isDirectory() ? `${e.name}/` : `${e.name}  10`)),
          ].join("\n"),
        };
      }
      case "read_file":
        return { content: readFileSync(file, "utf8").replace(/^/gm, "1\t") };
      case "edit_file": {
        let content = readFileSync(file, "utf8");
        for (const edit of listOf(input.edits).filter(isFields)) {
          assert.equal(content.split(textOf(edit.old_text)).length, 2);
          content = content.replace(textOf(edit.old_text), () => textOf(edit.new_text));
        }
        writeFileSync(file, content);
        return { content: "Edited." };
      }
      default: {
        const run = spawnSync(textOf(input.command), { cwd: folder, shell: true, encoding: "utf8" });
        return { content: `${run.stdout}${run.stderr}[exit ${run.status}]`, is_error: run.status !== 0 };
      }
    }
  } catch (error) {
    return { content: String(error), is_error: true };
  }
}
