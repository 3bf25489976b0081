/**
 * Dispatch as a user has it: packaged, installed, in VS Code, on a real repository, through thirty steps. Then the
 * workbench is reloaded, closed, and the log on disk is read by itself.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Frame } from "playwright-core";
import type { Row } from "../../src/chunks/rows";
import { openStore } from "../../src/store/open";
import type { Store } from "../../src/store/types";
import { rebuild } from "../../src/wire/assemble";
import { call, type Reply, reply, thinking } from "../simulator/reply";
import type { Simulator } from "../simulator/server";
import { STORE_WORKER } from "../support/agent";
import {
  answer,
  composer,
  conversation,
  eventually,
  hasStatus,
  questions,
  said,
  send,
  toolCalls,
} from "./support/chat";
import { type VsCode, withVsCode } from "./support/vscode";

const steps = 30;
const finalWords = "All thirty steps are done.";
const newFiles = ["one", "two", "three"].map((name) => `notes/${name}.md`);

/** Five steps with questions, the rest reading in parallel, in every way in which an answer can be cut up on its way. */
function script(): readonly Reply[] {
  const modes = ["default", "fine", "bytes", "crlf", "batched"] as const;
  const asking = [
    reply(
      thinking("First the lie of the land: ü, 日本."),
      "I look around.",
      call("list_files", {}),
      call("read_file", { path: "README.md", limit: 20 }),
      call("read_file", { path: "package.json", limit: 20 }),
    ),
    reply(
      "A first edit.",
      call("edit_file", { path: "LICENSE", edits: [{ old_text: "MIT License", new_text: "The MIT License" }] }),
    ),
    reply(call("edit_file", { path: ".gitattributes", edits: [{ old_text: "nothing", new_text: "something" }] })),
    reply(call("write_file", { path: "NOTES.md", content: "# Notes\n" })),
    reply(call("run_shell", { command: "git push --force" })),
    reply("Three at once.", ...newFiles.map((file) => call("write_file", { path: file, content: `${file}\n` }))),
    reply(call("run_shell", { command: "env git status --porcelain && git log --oneline | wc -l" })),
  ];
  const reading = Array.from({ length: steps - asking.length - 1 }, (_, index) => ({
    ...reply(
      `Look ${index + 1}.`,
      call("read_file", { path: "src/extension.ts", offset: 1 + index, limit: 3 }),
      call("list_files", { path: "src/wire" }),
      call("read_file", { path: `src/no-such-file-${index}.ts` }),
    ),
    fragment: modes[index % modes.length] ?? "default",
  }));
  return [...asking, ...reading, reply(finalWords)];
}

describe("the packaged extension, installed", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-installed-"));
  const vsix = path.join(folder, "dispatch.vsix");
  const repository = path.join(folder, "repository");
  before(() => {
    execFileSync(process.execPath, ["scripts/package.mjs", vsix]);
    execFileSync("git", ["clone", "--quiet", "--no-hardlinks", ".", repository]);
  });
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  it("carries a turn of thirty steps on a real repository, keeps it over a reload, and has it on disk", () =>
    withVsCode({ name: "vsix", vsix, workspace: repository, scenario: { steps: script() } }, async (vscode) => {
      const { page, frame, simulator } = vscode;
      await send(frame, "Do thirty steps");
      await answerAll(frame);
      await said(frame, finalWords);
      await hasStatus(frame, "idle");
      await assertDone(repository);
      assertWire(simulator);

      await composer(frame).fill("A draft for later");
      const before = await everything(frame);
      assert.deepEqual(before.calls, expectedCalls());
      await page.reload();
      const again = await vscode.chat();
      await said(again, finalWords);
      assert.deepEqual(await everything(again), before);
      await eventually("the draft", async () => (await composer(again).inputValue()) === "A draft for later");

      await close(vscode);
      await assertLog(vscode);
    }));
});

/** One by click, one by keyboard, one with a reason, three out of order, and a command. */
async function answerAll(frame: Frame): Promise<void> {
  await answer(questions(frame, "edit_file"), "Allow once");

  const armed = frame.locator("[data-armed=true]");
  await questions(frame, "write_file").and(armed).press("ControlOrMeta+Enter");

  const shell = questions(frame, "run_shell").and(armed);
  await shell.getByRole("textbox", { name: "Reason" }).fill("Never by force");
  await shell.getByRole("textbox", { name: "Reason" }).press("Enter");

  const [first, second, third] = newFiles.map((file) =>
    frame.getByRole("group", { name: `write_file: ${file}` }).getByRole("alertdialog"),
  );
  assert.ok(first && second && third);
  await answer(third, "Allow once");
  await third.waitFor({ state: "detached" });
  await answer(first, "Deny");
  await first.waitFor({ state: "detached" });
  await answer(second, "Allow once");

  await answer(questions(frame, "run_shell"), "Allow once");
}

async function assertDone(repository: string): Promise<void> {
  const read = (file: string) => readFile(path.join(repository, file), "utf8");
  assert.match(await read("LICENSE"), /^The MIT License/);
  assert.equal(await read("NOTES.md"), "# Notes\n");
  assert.deepEqual(
    newFiles.map((file) => existsSync(path.join(repository, file))),
    [false, true, true],
  );
}

function expectedCalls(): readonly (readonly [string, string])[] {
  return script().flatMap(({ blocks }, step) =>
    blocks.flatMap((block) => {
      if (block.type !== "tool_use") return [];
      const about = String(block.input?.path ?? block.input?.command ?? ".");
      const denied = about === "git push --force" || about === newFiles[0];
      const missing = about.startsWith("src/no-such-file") || (step === 2 && about === ".gitattributes");
      return [[`${block.name}: ${about}`, denied ? "denied" : missing ? "error" : "done"] as const];
    }),
  );
}

/** Valid, each beginning with the one before byte for byte, each reading from the cache what was written to it. */
function assertWire(simulator: Simulator): void {
  const sent = simulator.messages();
  assert.deepEqual(
    sent.map(({ error }) => error),
    Array.from({ length: steps }, () => undefined),
  );
  for (const [index, { usage, prefix }] of sent.entries()) {
    const before = sent[index - 1]?.usage;
    if (before === undefined) continue;
    assert.equal(prefix?.bytesIntact, true, `request ${index} begins with request ${index - 1}`);
    assert.equal(usage?.cache_read_input_tokens, before.cache_read_input_tokens + before.cache_creation_input_tokens);
  }
  const last = sent.at(-1)?.body.toString() ?? "";
  assert.ok(last.includes("Never by force"));
}

/** The whole conversation by its accessible names: articles with their places, calls with their states, the answer. */
async function everything(frame: Frame) {
  await loadOlder(frame);
  const articles = await conversation(frame)
    .getByRole("article")
    .evaluateAll((all) => all.map(({ dataset }) => [dataset.turn ?? "", Number(dataset.seq)]));
  assert.ok(articles.length >= 2);
  assert.ok(articles.every(([turn, seq]) => turn === articles[0]?.[0] && Number(seq) > 0));
  return { articles, calls: await toolCalls(frame), end: await frame.locator(".turn-line").textContent() };
}

/** Until the beginning of the conversation is there. */
async function loadOlder(frame: Frame): Promise<void> {
  const more = frame.getByRole("button", { name: "Load older messages" });
  await eventually("the first message", async () => {
    if ((await more.count()) === 0) return true;
    // It goes by itself when it comes into view.
    await more.click({ timeout: 2000 }).catch(() => undefined);
    return false;
  });
}

/** Leaves the workbench, as closing its window does, and waits until the log has been saved and given up. */
async function close({ page, storage }: VsCode): Promise<void> {
  const folder = storage();
  await page.goto("about:blank");
  await eventually("the log to be closed", () => !existsSync(path.join(folder, "owner.json")));
}

/** Rows without gaps, one result for each call, the decisions, and every request rebuilt from the log as it was sent. */
async function assertLog({ storage, simulator }: VsCode): Promise<void> {
  const store = await openStore({ folder: storage(), worker: STORE_WORKER });
  try {
    assert.deepEqual(store.recovery, []);
    const [tab, ...others] = await store.tabs();
    assert.ok(tab !== undefined && others.length === 0);
    assert.equal(tab.draft, "A draft for later");
    const rows = await store.rows(tab.id, 1, await store.lastSeq(tab.id));
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      rows.map((_, index) => index + 1),
    );
    assert.deepEqual(
      rows.flatMap((row) => (row.type === "tool_result" ? [row.data.callId] : [])).sort(),
      rows.flatMap((row) => (row.type === "tool_call" ? [row.data.callId] : [])).sort(),
    );
    assert.deepEqual(
      (await store.turns(tab.id)).map(({ endReason }) => endReason),
      ["done"],
    );
    assert.deepEqual(await answers(store, tab.id), {
      "edit_file allow_once": 1,
      "write_file allow_once": 3,
      "run_shell deny Never by force": 1,
      "write_file deny": 1,
      "run_shell allow_once": 1,
    });
    assert.deepEqual(
      await rebuilt(store, tab.id, rows),
      simulator.messages().map(({ body }) => sha256(body)),
    );
  } finally {
    await store.close();
  }
}

/** How often each tool got each answer from the person. */
async function answers(store: Store, tab: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { tool, decision } of await store.approvals(tab)) {
    if (decision.by !== "person") continue;
    const reason = decision.reason === undefined ? "" : ` ${decision.reason}`;
    const key = `${tool} ${decision.effect}${reason}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** The hashes of all bodies, made again from the log. */
async function rebuilt(store: Store, tab: string, rows: readonly Row[]): Promise<readonly string[]> {
  const bodies = (await store.requests(tab)).map(async ({ head, renderer, promptHash, firstSeq, lastSeq }) => {
    const prompt = (await store.prompt(promptHash)) ?? "";
    const own = rows.filter(({ seq }) => seq >= firstSeq && seq <= lastSeq);
    return sha256(rebuild({ head, prompt, rows: own, renderer }) ?? "");
  });
  return await Promise.all(bodies);
}

const sha256 = (body: Buffer | string): string => createHash("sha256").update(body).digest("hex");
