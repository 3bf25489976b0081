import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import * as vscode from "vscode";
import type { TestApi } from "../../src/extension";
import { listLanguageModels } from "../../src/host/language-models";
import { workspaceRoot } from "../../src/host/workspace";
import { openStore } from "../../src/store/open";
import { rebuild } from "../../src/wire/assemble";
import { activate, type Chat, configure, eventually, newTab, openChat } from "./support/chat";

type Part = vscode.LanguageModelResponsePart;
type Asked = {
  readonly model: string;
  readonly messages: readonly vscode.LanguageModelChatRequestMessage[];
  readonly tools: readonly vscode.LanguageModelChatTool[];
  readonly report: (part: Part) => void;
  readonly token: vscode.CancellationToken;
};
type Script = { answer: (asked: Asked) => Promise<void> };

const says = (text: string) => new vscode.LanguageModelTextPart(text);
const calls = (id: string, name: string, input: object) => new vscode.LanguageModelToolCallPart(id, name, input);

describe("VS Code's language models", () => {
  const file = path.join(workspaceRoot() ?? "", "lm-notes.txt");
  let api: TestApi;
  let chat: Chat;
  let script: Script;
  const asked: Asked[] = [];

  /** Each request gets the next of these answers. */
  const play = (...answers: ((asked: Asked) => Promise<void> | void)[]) => {
    asked.length = 0;
    script.answer = async (request) => {
      asked.push(request);
      await answers[asked.length - 1]?.(request);
    };
  };
  const parts =
    (...list: readonly Part[]) =>
    ({ report }: Asked) =>
      list.forEach(report);

  before(async () => {
    api = await activate();
    const extension = vscode.extensions.getExtension<Script>("dispatch-test.language-models");
    assert.ok(extension, "the extension with the models is not installed");
    script = await extension.activate();
    await configure({
      "dispatch.keys": [{ id: "editor", provider: "vscode" }],
      "dispatch.models": [{ key: "editor", model: "dispatch-test/parrot-1" }],
    });
    chat = await openChat(api);
    await chat.until(({ setup }) => setup?.key.kind === "ready");
    await vscode.commands.executeCommand("dispatch.focusInput");
  });
  beforeEach(async () => {
    await writeFile(file, "first\nsecond\n");
    await newTab(chat);
  });
  after(async () => {
    chat.dispose();
    await configure({ "dispatch.keys": undefined, "dispatch.models": undefined });
    await rm(file, { force: true });
  });

  it("are listed with their context", async () => {
    assert.deepEqual(await listLanguageModels(), [
      { id: "dispatch-test/parrot-1", label: "Parrot 1", contextTokens: 64_000 },
    ]);
  });

  it("carry a turn with tools: read, edit after an approval, answer, with rows and usage", async () => {
    const edit = { path: "lm-notes.txt", edits: [{ old_text: "second", new_text: "2nd" }] };
    play(
      parts(says("I look "), says("first."), calls("a", "read_file", { path: "lm-notes.txt" })),
      parts(calls("a", "edit_file", edit)),
      parts(says("All done.")),
    );
    chat.send({ type: "send", tab: chat.state().active, text: "Change it" });
    await chat.until(() => chat.tab().approvals.some(({ tool }) => tool === "edit_file"));
    await vscode.commands.executeCommand("dispatch.approve");
    const turn = await turnEnd(chat);

    assert.equal(await readFile(file, "utf8"), "first\n2nd\n");
    assert.equal(turn.endReason, "done");
    assert.equal(turn.steps, 3);
    assert.deepEqual([turn.usage.read, turn.usage.written], [0, 0]);
    assert.ok(turn.usage.fresh > 100 && turn.usage.output >= 4, JSON.stringify(turn.usage));
    const lines = chat.tab().rows.flatMap((row) => {
      if (row.role === "user" || row.role === "system") return [];
      if (row.type === "text") return [row.data.text];
      if (row.type === "tool_call") return [`${row.data.name} ${row.data.argumentsText}`];
      return row.type === "tool_result" ? [`${row.data.name} ${row.data.outcome}`] : [row.type];
    });
    assert.deepEqual(lines, [
      "I look first.",
      'read_file {"path":"lm-notes.txt"}',
      "read_file done",
      `edit_file ${JSON.stringify(edit)}`,
      "edit_file done",
      "All done.",
    ]);

    const last = asked.at(-1);
    assert.deepEqual(last?.tools.map(({ name }) => name).includes("edit_file"), true);
    const ids = (kind: typeof vscode.LanguageModelToolCallPart | typeof vscode.LanguageModelToolResultPart) =>
      last?.messages.flatMap(({ content }) => content.flatMap((part) => (part instanceof kind ? [part.callId] : [])));
    // The model gave both calls one id; each has its own, and its result has the same.
    assert.equal(new Set(ids(vscode.LanguageModelToolCallPart)).size, 2);
    assert.deepEqual(ids(vscode.LanguageModelToolResultPart), ids(vscode.LanguageModelToolCallPart));
    const audit = await auditRequests(api.logFolder, chat.state().active);
    assert.deepEqual(audit, ["vscode ok true", "vscode ok true", "vscode ok true"]);
  });

  it("are stopped in the middle of an answer, and the tab is usable at once", async () => {
    let wasCancelled = false;
    play(
      ({ report, token }) =>
        new Promise((resolve) => {
          token.onCancellationRequested(() => {
            wasCancelled = true;
            resolve();
          });
          report(says("Still at it"));
        }),
      parts(says("Here again.")),
    );
    chat.send({ type: "send", tab: chat.state().active, text: "go" });
    await chat.until(() => chat.tab().live?.blocks.some((block) => block.kind === "text"));
    await vscode.commands.executeCommand("dispatch.stop");
    assert.equal((await turnEnd(chat)).endReason, "cancelled");
    await eventually(() => wasCancelled);
    chat.send({ type: "send", tab: chat.state().active, text: "and now?" });
    await chat.until(() => chat.tab().turns.length === 2);
    assert.deepEqual(chat.tab().rows.at(-1)?.data, { text: "Here again." });
  });

  const failures: readonly (readonly [what: string, error: () => Error, code: string, message: string])[] = [
    [
      "a consent that was not given",
      () => vscode.LanguageModelError.NoPermissions("no consent"),
      "bad-key",
      'VS Code does not let Dispatch use the model "dispatch-test/parrot-1".',
    ],
    [
      "a quota that is used up",
      () => vscode.LanguageModelError.Blocked("monthly quota"),
      "no-credit",
      'VS Code blocks requests to the model "dispatch-test/parrot-1": its quota is used up, or the request is not allowed.',
    ],
    [
      "a chat that is too long",
      () => new Error("the prompt is too long: 70000 tokens"),
      "context-full",
      "The conversation has filled the model's context window.",
    ],
  ];
  for (const [what, error, code, message] of failures) {
    it(`say in one sentence what is wrong: ${what}`, async () => {
      play(() => {
        throw error();
      });
      chat.send({ type: "send", tab: chat.state().active, text: "hello" });
      assert.equal((await turnEnd(chat)).endReason, "error");
      const row = chat.tab().rows.findLast(({ type }) => type === "error");
      assert.deepEqual(row?.type === "error" ? [row.data.code, row.data.message] : undefined, [code, message]);
    });
  }

  it("say which model is missing", async () => {
    await configure({ "dispatch.models": [{ key: "editor", model: "dispatch-test/gone" }] });
    await chat.until(({ tabs, active }) => tabs.find(({ id }) => id === active)?.modelLabel === "dispatch-test/gone");
    chat.send({ type: "send", tab: chat.state().active, text: "hello" });
    await turnEnd(chat);
    const row = chat.tab().rows.findLast(({ type }) => type === "error");
    assert.equal(row?.type === "error" && row.data.message, 'VS Code has no language model "dispatch-test/gone" now.');
    await configure({ "dispatch.models": [{ key: "editor", model: "dispatch-test/parrot-1" }] });
  });
});

/** The summary of the turn, once the tab is idle. */
const turnEnd = (chat: Chat) =>
  chat.until(({ tabs, active }) => {
    const idle = tabs.find((tab) => tab.id === active)?.activity.kind === "idle";
    return idle && chat.tab().turns.at(-1);
  });

/** Of each request in the log: the provider, how it went, and whether what was sent can be rebuilt. */
async function auditRequests(folder: string, tab: string): Promise<readonly string[]> {
  const dist = path.join(vscode.extensions.getExtension("dispatch.dispatch")?.extensionPath ?? "", "dist");
  const store = await openStore({ folder, worker: path.join(dist, "store-worker.js") }); // a reader beside the writer
  try {
    const rows = await store.rows(tab, 1, await store.lastSeq(tab));
    const requests = await store.requests(tab);
    return await Promise.all(
      requests.map(async (request) => {
        const prompt = (await store.prompt(request.promptHash)) ?? "";
        const own = rows.filter(({ seq }) => seq <= request.lastSeq);
        const body = rebuild({ ...request, ...request.options, prompt, rows: own }) ?? "";
        const isSame = createHash("sha256").update(body).digest("hex") === request.bodySha256;
        return `${request.provider} ${request.outcome} ${isSame}`;
      }),
    );
  } finally {
    await store.close();
  }
}
