/**
 * VS Code is closed, or its extension host dies, in the middle of turns: what comes next has every row, draft and queued
 * message, says what was cut, and one press goes on with it.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Frame } from "playwright-core";
import { call, type Reply, reply } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";
import { createGate } from "../support/gate";
import { createWitness } from "../support/kill-witness";
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
import { hostOf, killHost } from "./support/extension-host";
import { plus, show, startChat, strip } from "./support/tabs";
import { openChat, withVsCode } from "./support/vscode";

/** It leaves a line, says so, and does not end by itself. */
const endless = (word: string) => `echo ${word} >> ran.txt; echo It runs.; sleep 1000`;
const runs = (word: string) => [
  reply("Now it runs.", call("run_shell", { command: endless(word) })),
  reply("So it was."),
];

/** What a chat does follows from its first message. Talk stands still until `goOn`. */
function work(): { readonly scenario: Scenario; readonly goOn: () => void } {
  const gate = createGate();
  const talk: Reply = {
    ...reply(`${"Much to say. ".repeat(40)}That was all.`),
    hold: (sent) => (sent.length < 60 ? Promise.resolve() : gate.opened()),
  };
  const write = call("write_file", { path: "new.txt", content: "new" });
  const scenario: Scenario = {
    turns: [
      { match: /^talk/, steps: [reply("First a look.", call("list_files", {})), talk] },
      { match: /^run/, steps: runs("word-run") },
      { match: /^crash/, steps: runs("word-crash") },
      { match: /^ask/, steps: [reply("May I?", write), reply("It is there.")] },
      { match: /^wait/, steps: [talk] },
      { match: /^And then/, steps: [reply("Then this.")] },
    ],
  };
  return { scenario, goOn: gate.open };
}

/** Chats that talk, run a command, ask, and have a queue that waits behind a stop; a draft in two of them. */
async function beginAll(frame: Frame): Promise<void> {
  await startChat(frame, "talk");
  await said(frame, /Much to say/);
  await composer(frame).fill("A draft of talk");
  await startChat(frame, "run", () => plus(frame));
  await answer(questions(frame, "run_shell"), "Allow once");
  await prints(frame, "It runs.");
  await startChat(frame, "ask", () => plus(frame));
  await questions(frame, "write_file").waitFor();
  await composer(frame).fill("A draft of ask");
  await startChat(frame, "wait", () => plus(frame));
  await said(frame, /Much to say/);
  await send(frame, "And then this");
  await queue(frame).waitFor();
  await frame.getByRole("button", { name: "Stop", exact: true }).click();
  await hasStatus(frame, "idle");
}

describe("VS Code that is closed in the middle of turns", () => {
  it("loses no row, and comes back with chats, drafts and queue; what was cut is said and goes on when asked", () => {
    const { scenario, goOn } = work();
    return withVsCode({ name: "close", scenario }, async (vscode) => {
      const { page, frame, storage, simulator, workspace } = vscode;
      const address = page.url();
      const witness = createWitness(simulator, workspace);
      await beginAll(frame);
      await witness.judge(storage());

      await page.goto("about:blank");
      // It gives the log up when all is saved; a host that was ended before that leaves its name there.
      await eventually("the log to be given up", () => !existsSync(path.join(storage(), "owner.json")));
      const left = await witness.judge(storage());
      assert.deepEqual(
        [...left.values()].map((rows) => rows.map(({ type }) => type).join(" ")),
        [
          "text text text tool_call tool_result system",
          "text text text tool_call tool_result system",
          "text text text tool_call system",
          "text text text system",
        ],
      );

      goOn();
      await page.goto(address);
      const again = await vscode.chat();
      await again.getByRole("tab", { name: "wait", selected: true }).waitFor();
      const tabs = (await strip(again)).map(([title, status]) => `${title}: ${status}`);
      assert.deepEqual(tabs, ["talk: idle", "run: idle", "ask: idle", "wait: idle"]);
      await queue(again).getByText("And then this").waitFor();
      await again.getByRole("button", { name: "Send queued messages" }).click();
      await said(again, "Then this.");

      await show(again, "talk");
      assert.equal(await composer(again).inputValue(), "A draft of talk");
      await resume(again, /That was all\.$/);
      assert.deepEqual(await toolCalls(again), [["list_files: .", "done"]]);

      await show(again, "run");
      await resume(again, "So it was.");
      assert.deepEqual(await toolCalls(again), [[`run_shell: ${endless("word-run")}`, "cancelled"]]);

      await show(again, "ask");
      assert.equal(await composer(again).inputValue(), "A draft of ask");
      await again.getByRole("button", { name: "Resume" }).click();
      await answer(questions(again, "write_file"), "Allow once");
      await said(again, "It is there.");
      assert.deepEqual(await toolCalls(again), [["write_file: new.txt", "done"]]);
      assert.equal(readFileSync(path.join(workspace, "new.txt"), "utf8"), "new");

      const end = await witness.judge(storage());
      assert.deepEqual(
        [...end.values()].map((rows) => new Set(rows.map(({ turnId }) => turnId)).size),
        [1, 1, 1, 2],
      );
    });
  });

  it("does not know what became of a command when its host is killed, says so, and does not run it again", () => {
    const { scenario } = work();
    return withVsCode({ name: "killed", scenario }, async (vscode) => {
      const { page, frame, storage, simulator, workspace } = vscode;
      const witness = createWitness(simulator, workspace);
      await startChat(frame, "crash");
      await answer(questions(frame, "run_shell"), "Allow once");
      await prints(frame, "It runs.");
      await killHost(hostOf(storage()));
      await witness.judge(storage());

      await page.reload();
      const again = await vscode.chat();
      await said(again, "outcome unknown");
      await resume(again, "So it was.");
      assert.equal(readFileSync(path.join(workspace, "ran.txt"), "utf8"), "word-crash\n");
      await witness.judge(storage());
    });
  });

  it("is followed by its second window within seconds when its host is killed, which goes on with the turn", () => {
    const { scenario, goOn } = work();
    return withVsCode({ name: "killed-first", scenario }, async ({ page, frame, storage, simulator, workspace }) => {
      const log = storage();
      const witness = createWitness(simulator, workspace);
      const second = await page.context().newPage();
      await second.goto(page.url());
      const follower = await openChat(second);
      await follower.getByText(follows).waitFor();
      await startChat(frame, "talk");
      await said(frame, /Much to say/);

      await killHost(hostOf(log));
      await witness.judge(log);
      goOn();
      await eventually("the second window writes", async () => (await follower.getByText(follows).count()) === 0);
      await show(follower, "talk");
      await resume(follower, /That was all\.$/);
      assert.deepEqual(await toolCalls(follower), [["list_files: .", "done"]]);

      await page.reload();
      const first = await openChat(page);
      await first.getByText(follows).waitFor();
      await said(first, /That was all\.$/);
      const [rows = []] = (await witness.judge(log)).values();
      assert.equal(new Set(rows.map(({ turnId }) => turnId)).size, 1);
    });
  });
});

const follows = "writes; this one follows it";

const queue = (frame: Frame) => frame.getByRole("list", { name: "Queued messages" });

/** The last output of a running command, as opposed to the command that would print it. */
const prints = (frame: Frame, line: string) => conversation(frame).getByText(line, { exact: true }).waitFor();

/** Continues the turn in front, which says that it was cut, and waits for its end. */
async function resume(frame: Frame, last: string | RegExp): Promise<void> {
  await frame.getByText("This turn was interrupted. What was done is kept.").waitFor();
  await frame.getByRole("button", { name: "Resume" }).click();
  await said(frame, last);
  await hasStatus(frame, "idle");
}
