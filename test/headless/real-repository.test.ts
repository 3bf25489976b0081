/** Thirty steps on this project's own checkout: parallel calls, approvals, denials with a reason, edits, commands. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ApprovalAnswer, ApprovalCard } from "../../src/chunks/protocol";
import type { Reply } from "../simulator/reply";
import { startSimulator } from "../simulator/server";
import { tempFolders } from "../support/agent";
import { call, steps, text } from "../support/script";
import { assertWhole, serve, settingsFile, stopRunners } from "./support";

const STEPS = 30;
const REASON = "Leave the entry point alone.";
const edited = "LICENSE";
const untouchable = "src/extension.ts";

describe("a turn of thirty steps on a real repository", () => {
  const folders = tempFolders();
  after(() => {
    stopRunners();
    folders.remove();
  });

  it("does exactly what was approved, with every request valid and read from the cache as far as it was written", async () => {
    const root = path.join(folders.root, "checkout");
    copyCheckout(root);
    const before = filesOf(root);
    const simulator = await startSimulator({ scenario: steps(...script()) });
    const asked: string[] = [];
    const answer = (card: ApprovalCard): ApprovalAnswer => {
      const { subject } = card;
      asked.push(subject.kind === "command" ? subject.command : "path" in subject ? subject.path : subject.kind);
      if (card.subject.kind !== "edit") return { kind: "allow_once" };
      if (card.subject.path.endsWith(untouchable)) return { kind: "deny", reason: REASON };
      return { kind: card.subject.path.endsWith(edited) ? "allow_tab" : "allow_once" };
    };
    try {
      const place = { root, storage: folders.storage, settings: settingsFile(folders, simulator.url) };
      const runner = await serve({ ...place, answer });
      const turn = await runner.send("Work through the project");
      assert.deepEqual([turn.endReason, turn.steps], ["done", STEPS]);
      assertWhole(runner.rows());
      const results = runner.rows().flatMap((row) => (row.type === "tool_result" ? [row.data] : []));
      assert.deepEqual(countBy(results.map((result) => `${result.name} ${result.outcome}`)), {
        "edit_file done": 6,
        "list_files done": 6,
        "read_file done": 24,
        "run_shell done": 6,
        "write_file done": 6,
        "write_file denied": 5,
      });
      assert.deepEqual(countBy(asked), {
        [edited]: 1, // then allowed in this tab
        [untouchable]: 5,
        ...Object.fromEntries(numbers(6).map((n) => [`notes/${n}.md`, 1])),
        ...Object.fromEntries(numbers(6).map((n) => [commandOf(n), 1])),
      });
      assert.deepEqual(await runner.end(), { code: 0, stderr: "" });

      const expected = new Map(before);
      expected.set(edited, (before.get(edited) ?? "").replace("MIT License", "MIT License, read 6 times"));
      for (const n of numbers(6)) expected.set(`notes/${n}.md`, `# Note ${n}\n`);
      expected.set(
        "ran.txt",
        numbers(6)
          .map((n) => `ran ${n}\n`)
          .join(""),
      );
      assert.deepEqual(changes(before, filesOf(root)), changes(before, expected));
      if (existsSync(path.join(root, ".git")))
        assert.deepEqual(execFileSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" }).split("\n"), [
          ` M ${edited}`,
          "?? notes/",
          "?? ran.txt",
          "",
        ]);

      const sent = simulator.messages();
      assert.deepEqual([sent.length, sent.filter((request) => request.status !== 200).length], [STEPS, 0]);
      for (const [index, request] of sent.entries()) {
        const previous = sent[index - 1]?.usage;
        if (previous === undefined) continue;
        assert.equal(request.prefix?.bytesIntact, true, `request ${index} begins with request ${index - 1}`);
        const cached = previous.cache_read_input_tokens + previous.cache_creation_input_tokens;
        assert.equal(request.usage?.cache_read_input_tokens, cached, `request ${index} reads what was written`);
      }
      assert.equal(sent.at(-1)?.body.toString().split(REASON).length, 6, "the model was told why, each time");
    } finally {
      await simulator.close();
    }
  });
});

/** Six rounds of five steps; the last step of the last round is the answer. */
function script(): readonly Reply[] {
  const rounds = numbers(6).flatMap((n): Reply[] => {
    const read = ["package.json", "README.md", "src/store/open.ts"].map((path) => call("read_file", { path }));
    const license = n === 1 ? "MIT License" : `MIT License, read ${n - 1} times`;
    const change = { old_text: license, new_text: `MIT License, read ${n} times` };
    return [
      {
        blocks: [
          { type: "thinking", thinking: `Round ${n}` },
          text("I look."),
          ...read,
          call("list_files", { path: "src" }),
        ],
      },
      { blocks: [call("edit_file", { path: edited, edits: [change] }), call("read_file", { path: "tsconfig.json" })] },
      { blocks: [text("A note."), call("write_file", { path: `notes/${n}.md`, content: `# Note ${n}\n` })] },
      { blocks: [call("run_shell", { command: commandOf(n) })] },
      { blocks: [call("write_file", { path: untouchable, content: "gone\n" })] },
    ];
  });
  return [...rounds.slice(0, STEPS - 1), { blocks: [text("All thirty steps are done.")] }];
}

function commandOf(n: number): string {
  return `ls src/*.ts && echo ran ${n} >> ran.txt`;
}

/** What is committed here; without a repository, what there is of it. */
function copyCheckout(to: string): void {
  if (existsSync(".git")) {
    execFileSync("git", ["clone", "--quiet", "--local", ".", to]);
    return;
  }
  const left = /^(?:node_modules|dist.*|\.vscode-test)$/;
  cpSync(".", to, { recursive: true, filter: (from) => !left.test(path.basename(from)) });
}

function filesOf(root: string): ReadonlyMap<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
  const own = files.filter((file) => !file.startsWith(`.git${path.sep}`));
  return new Map(own.map((file) => [file, readFileSync(path.join(root, file), "latin1")]));
}

/** Files that are new, gone or different, with what is in them. */
function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>) {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.filter((name) => before.get(name) !== after.get(name)).map((name) => [name, after.get(name)]);
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function numbers(most: number): readonly number[] {
  return Array.from({ length: most }, (_, index) => index + 1);
}
