/**
 * The page of the chat goes away and comes back at every kind of event of a turn, reloaded or hidden: it shows what it had
 * shown, goes on with what streams, and what it asks can be answered.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Frame } from "playwright-core";
import { call, type Reply, reply, thinking } from "../simulator/reply";
import type { Scenario } from "../simulator/scenario";
import { createGate } from "../support/gate";
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

const waits = "echo It runs.; while [ ! -f go ]; do sleep 0.1; done; echo It ends.";
const edits = [{ old_text: "second", new_text: "2nd" }];

/** One turn that stands still at each kind of event until the test lets it go on, and one that is stopped. */
function heldTurn() {
  const gates = { thinking: createGate(), text: createGate(), arguments: createGate(), answer: createGate() };
  const never = createGate();
  /** Holds after some events of an answer without text. */
  const after = (count: number, gate: typeof never) => {
    let events = 0;
    return (sent: string) => (sent === "" && ++events > count ? gate.opened() : Promise.resolve());
  };
  const untilText = after(6, gates.thinking);
  const steps: readonly Reply[] = [
    {
      ...reply(thinking("Where could it be? ".repeat(5)), "I look first, then I edit.", call("list_files", {})),
      hold: (sent) => (sent.length > 12 ? gates.text.opened() : untilText(sent)),
    },
    { ...reply(call("edit_file", { path: "notes.txt", edits })), hold: after(4, gates.arguments) },
    reply("Now a command.", call("run_shell", { command: waits })),
    reply("All is done."),
  ];
  const endless: Reply = {
    ...reply("This would take long. ".repeat(20)),
    hold: (sent) => (sent.length > 40 ? never.opened() : Promise.resolve()),
  };
  const scenario: Scenario = async (request) => {
    if (request.turn === 1) return endless;
    if (request.turn > 1) return { ...reply("Never said."), fault: { kind: "rate-limit", seconds: 100 } };
    if (request.steps === 3) await gates.answer.opened();
    return steps[request.steps] ?? reply("Nothing more.");
  };
  return { scenario, gates };
}

describe("the page of a chat that goes away and comes back", () => {
  const { scenario, gates } = heldTurn();
  /** The command that a message waits behind stays in front, and no countdown is another text after each reload. */
  const settings = { "dispatch.backgroundAfterSeconds": 0 };

  it("shows what it had shown at every kind of event of a turn, and goes on", () =>
    withVsCode({ name: "reload", files: { "notes.txt": "first\nsecond\n" }, settings, scenario }, async (vscode) => {
      const { frame, workspace } = vscode;
      await send(frame, "Change the second line");
      await composer(frame).fill("A draft that stays");
      await conversation(frame).getByText("Thinking").waitFor();
      let now = await comesBack(vscode, "thinking streams");

      gates.thinking.open();
      await said(now, /I look/);
      now = await comesBack(vscode, "text streams");

      gates.text.open();
      await now.getByRole("group", { name: /^edit_file/ }).waitFor();
      now = await comesBack(vscode, "arguments stream");

      gates.arguments.open();
      await questions(now, "edit_file").and(now.locator("[data-armed=true]")).waitFor();
      now = await comesBack(vscode, "a question waits");
      await answer(questions(now, "edit_file"), "Allow once");

      await answer(questions(now, "run_shell"), "Allow once");
      await conversation(now).getByText("It runs.", { exact: true }).waitFor();
      // However far the page was scrolled to reach the button: what is left fits into it.
      assert.equal(await now.getByRole("button", { name: "Jump to latest" }).count(), 0);
      now = await comesBack(vscode, "a command runs");

      await send(now, "And the third one");
      await composer(now).fill("Another draft");
      await now.getByRole("list", { name: "Queued messages" }).waitFor();
      now = await comesBack(vscode, "a message is queued");

      writeFileSync(path.join(workspace, "go"), "");
      await said(now, "Working…");
      now = await comesBack(vscode, "an answer is waited for");

      gates.answer.open();
      await said(now, "All is done.");
      await hasStatus(now, "idle");
      now = await comesBack(vscode, "the turn has ended");
      assert.deepEqual(await toolCalls(now), [
        ["list_files: .", "done"],
        ["edit_file: notes.txt", "done"],
        [`run_shell: ${waits}`, "done"],
      ]);

      await send(now, "Once more");
      await said(now, /This would take long/);
      await now.getByRole("button", { name: "Stop", exact: true }).click();
      now = await reload(vscode, now);
      await hasStatus(now, "idle");
      now = await comesBack(vscode, "the turn was stopped");

      await send(now, "And again");
      await said(now, /next try in/);
      now = await comesBack(vscode, "it is tried again later");
      await now.getByRole("button", { name: "Stop", exact: true }).click();
      await hasStatus(now, "idle");
    }));
});

/** Reloads the page, then hides it for a moment; each time it must show the same again. @returns the page of now */
async function comesBack(vscode: VsCode, when: string): Promise<Frame> {
  const before = await vscode.chat();
  const shown = await whole(before);
  const reloaded = await reload(vscode, before);
  await shows(reloaded, shown, `reloaded while ${when}`);
  const seen = await hide(vscode, reloaded);
  await shows(seen, shown, `hidden while ${when}`);
  return seen;
}

async function reload(vscode: VsCode, frame: Frame): Promise<Frame> {
  await frame.evaluate("document.body.dataset.isOld = 'yes'");
  await vscode.command("Developer: Reload Webviews");
  return await newPage(vscode);
}

async function hide(vscode: VsCode, frame: Frame): Promise<Frame> {
  await frame.evaluate("document.body.dataset.isOld = 'yes'");
  await vscode.page.getByRole("tab", { name: /^Explorer/ }).click();
  await eventually("the page is gone", () => frame.isDetached());
  return await newPage(vscode);
}

/** The chat's page, once it isn't the old one any more. */
const newPage = (vscode: VsCode): Promise<Frame> =>
  eventually("a new page", async () => {
    const frame = await vscode.chat();
    const isOld = await frame.evaluate("document.body.dataset.isOld").catch(() => "yes");
    return isOld === undefined ? frame : undefined;
  });

async function shows(frame: Frame, wanted: string, what: string): Promise<void> {
  let last = "";
  const look = async () => {
    last = await whole(frame);
    return last === wanted;
  };
  await eventually(what, look, 10_000).catch(() => assert.equal(last, wanted, what));
}

/** All that the page says to whoever reads it, without times that pass and without what was announced when it changed. */
async function whole(frame: Frame): Promise<string> {
  const tree = await frame.locator("#app").ariaSnapshot();
  const lines = tree
    .split("\n")
    .map((line) => line.replaceAll(/\b\d+(\.\d+)? s\b/g, "N s"))
    .filter((line) => !/^\s*- (status\b|text: N s$)/.test(line));
  return [...lines, ...(await toolCalls(frame))].join("\n");
}
