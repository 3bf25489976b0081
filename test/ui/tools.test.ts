/** One turn in VS Code that does what an engineer does at the desk, with every tool, on a real repository. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import os from "node:os";
import path from "node:path";
import type { Frame } from "playwright-core";
import { call, reply, text } from "../simulator/reply";
import type { ScenarioFunction, ScenarioRequest } from "../simulator/scenario";
import { answer, eventually, questions, said, send, toolCalls } from "./support/chat";
import { withVsCode } from "./support/vscode";

/** A copy of this project's own sources, as a repository with one commit. */
async function withRepository(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-repository-"));
  for (const name of ["src", "package.json", "README.md"]) {
    cpSync(name, path.join(folder, name), { recursive: true });
  }
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", ...args], { cwd: folder });
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "All of it");
  try {
    await test(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A page on this machine, which is a private address. */
async function withPage(test: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<html><title>Rows</title><article><h1>Rows</h1><p>A row is sealed once.</p></article></html>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  try {
    await test(`http://127.0.0.1:${address.port}/rows`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const file = "src/chunks/when.ts";
const items = (...states: readonly string[]) => ({
  items: ["Look round", "Change the words", "Run it"].map((one, at) => ({
    text: one,
    status: states[at] ?? "pending",
  })),
});
const inResults = (request: ScenarioRequest, pattern: RegExp): string =>
  pattern.exec(JSON.stringify(request.results))?.[1] ?? "not found";

/** What the model asks for, step by step; what it names later it takes from the results. */
const work =
  (page: string): ScenarioFunction =>
  (request) => {
    const steps: readonly (() => ReturnType<typeof reply>)[] = [
      () => reply(text("I look round."), call("todo", items("in_progress")), call("list_files", { path: "src" })),
      () =>
        reply(
          call("find_files", { globs: ["**/when.ts"] }),
          call("search", { pattern: "min ago`", path: "src" }),
          call("read_file", { path: file }),
          call("run_shell", { command: "git status --short && git log --oneline | head -3" }),
          call("run_shell", { command: "cat src/chunks/*.ts | head -c 60000" }),
        ),
      () => reply(call("read_output", { id: inResults(request, /read_output with id \\"([0-9a-f]+)/) })),
      () =>
        reply(
          call("ask_user", {
            question: "Which word?",
            choices: [{ label: "minutes", description: "In full" }, { label: "min" }],
          }),
        ),
      () =>
        reply(
          call("edit_file", { path: file, edits: [{ old_text: "} min ago", new_text: "} minutes ago" }] }),
          call("write_file", { path: "notes/words.md", content: "# Words\n" }),
        ),
      () => reply(call("diagnostics", { path: file }), call("todo", items("done", "done", "in_progress"))),
      () => reply(call("run_shell", { command: "env git diff --stat; sleep 600", background: true })),
      () => reply(call("job_output", { job: inResults(request, /\b(j\d+)\b/), wait_seconds: 0 })),
      () => reply(call("job_stop", { job: inResults(request, /\b(j\d+)\b/) })),
      () => reply(call("web_fetch", { url: page })),
      () => reply("All of it is done."),
    ];
    return steps[request.step]?.() ?? reply("More than was asked for.");
  };

/** By the keys, as a card may stand out of sight above the next one; again while it has just come into sight. */
async function allow(frame: Frame, tool: string): Promise<void> {
  const first = questions(frame, tool).first();
  await first.waitFor();
  const question = frame.locator(`[data-approval="${await first.getAttribute("data-approval")}"]`);
  await eventually(`the answer about ${tool}`, async () => {
    if ((await question.count()) === 0) return true;
    const isReady = await question
      .getByRole("button", { name: "Allow once" })
      .isEnabled({ timeout: 1_000 })
      .catch(() => false);
    if (isReady) await question.press("Control+Enter", { timeout: 1_000 }).catch(() => undefined);
    return false;
  });
}

describe("every tool on a real repository, in VS Code", () => {
  it("reads unasked, asks for what changes, runs or leaves, and the edits can be undone", () =>
    withRepository((workspace) =>
      withPage((page) =>
        withVsCode({ name: "tools", workspace, scenario: work(page) }, async ({ frame }) => {
          await send(frame, "Say minutes in full");
          const question = frame.getByRole("alertdialog", { name: "Question" });
          await question.waitFor();
          const before = await toolCalls(frame);
          assert.deepEqual(
            before.filter(([, state]) => state !== "done").map(([name]) => name),
            ["ask_user: Which word?"],
            "all that reads has run unasked",
          );
          await answer(question, "minutes");
          await allow(frame, "edit_file");
          await allow(frame, "write_file");
          await allow(frame, "run_shell");
          await allow(frame, "web_fetch");
          await said(frame, "All of it is done.");

          assert.deepEqual(
            (await toolCalls(frame)).filter(([, state]) => state !== "done"),
            [],
          );
          const edited = () => readFileSync(path.join(workspace, file), "utf8");
          assert.match(edited(), /minutes ago/);
          await frame.getByRole("button", { name: "Undo all" }).click();
          const changes = () => execFileSync("git", ["status", "--short"], { cwd: workspace }).toString();
          await eventually("the repository as it was", () => changes() === "");
        }),
      ),
    ));
});
