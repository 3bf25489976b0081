/** Ten agents at work in twenty chats: stopping one, answering two, queueing for a third; the rest go on undisturbed. */
import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { call, reply, text } from "../simulator/reply";
import type { ScenarioFunction } from "../simulator/scenario";
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
import { begun, finished, inFront, show, startTwenty, strip, twenty, workload } from "./support/tabs";
import { withVsCode } from "./support/vscode";

describe("ten agents at work in twenty chats in VS Code", () => {
  it("are stopped and answered one by one, and the others end with all they had to say", () => {
    const gate = createGate();
    return withVsCode({ name: "many-turns", scenario: workload(gate) }, async ({ page, frame }) => {
      await startTwenty(frame);
      await show(frame, "run 05");
      await said(frame, begun("run 05"));
      await frame.getByRole("button", { name: "Stop" }).click();
      await hasStatus(frame, "idle");
      await show(frame, "run 09");
      await composer(frame).focus();
      await page.keyboard.press("Escape");
      await hasStatus(frame, "idle");
      assert.deepEqual(await running(frame), [
        "run 01",
        "run 03",
        "run 07",
        "run 11",
        "run 13",
        "run 15",
        "run 17",
        "run 19",
      ]);

      await show(frame, "ask 04");
      await answer(questions(frame, "run_shell"), "Allow once");
      await said(frame, finished("ask 04"));
      await show(frame, "ask 08");
      assert.deepEqual(
        (await toolCalls(frame)).map(([, state]) => state),
        ["pending"],
      );
      await eventually("the question to take answers", () =>
        questions(frame, "run_shell").getByRole("button", { name: "Allow once" }).isEnabled(),
      );
      await questions(frame, "run_shell").focus();
      await page.keyboard.press("Control+Backspace");
      await said(frame, finished("ask 08"));
      assert.deepEqual(await toolCalls(frame), [["run_shell: env echo ask 08", "denied"]]);
      await show(frame, "ask 04");
      assert.deepEqual(await toolCalls(frame), [["run_shell: env echo ask 04", "done"]]);
      assert.equal((await running(frame)).length, 8);

      gate.open();
      const left = twenty.filter((title) => title.startsWith("run") && !["run 05", "run 09"].includes(title));
      await eventually("the eight to end, unread", async () => (await unread(frame)).join() === left.join());
      for (const title of left) {
        await show(frame, title);
        await said(frame, finished(title));
        assert.equal(await articles(frame), 2, `${title} shows a question and an answer, nothing of others`);
      }
      assert.deepEqual(await unread(frame), []);
      await show(frame, "run 05");
      await said(frame, begun("run 05"));
      assert.equal(await conversation(frame).getByText("It is done").count(), 0);
    });
  });

  it("take what is queued at their next step, one message now, and after a stop nothing until it is sent", () => {
    const gate = createGate();
    const others = workload(createGate());
    const scenario: ScenarioFunction = async (request) => {
      if ([request.userText, request.steering.at(-1)].includes("now this"))
        return { blocks: [text("At once."), call("run_shell", { command: "env sleep 600" })] };
      if (request.userText !== "steps" && request.steering.length === 0) return others(request);
      if (request.step === 0) return reply(call("run_shell", { command: "env true" }));
      await gate.opened();
      return reply(`Heard: ${request.steering.join(", ")}.`, call("run_shell", { command: "env true" }));
    };
    return withVsCode({ name: "many-queue", scenario }, async ({ page, frame, command, simulator }) => {
      await startTwenty(frame);
      await command("Dispatch: New Tab");
      await inFront(frame, "New chat");
      await send(frame, "steps");
      await questions(frame, "run_shell").waitFor();
      for (const message of ["alpha", "beta", "gamma"]) {
        await composer(frame).fill(message);
        await composer(frame).press("Enter");
      }
      await queued(frame, "alpha", "beta", "gamma");
      await item(frame, "alpha").getByRole("button", { name: "Remove" }).click();
      await item(frame, "beta").getByRole("button", { name: "Move down" }).press("Enter");
      await queued(frame, "gamma", "beta");
      await item(frame, "gamma").getByRole("button", { name: "Edit" }).click();
      await frame.getByRole("textbox", { name: "Queued message" }).fill("Gamma");
      await page.keyboard.press("Enter");
      await composer(frame).press("ArrowUp"); // the last one
      await frame.getByRole("textbox", { name: "Queued message" }).fill("Beta");
      await page.keyboard.press("Enter");
      await queued(frame, "Gamma", "Beta");

      await show(frame, "run 13");
      assert.equal(await list(frame).count(), 0, "a queue belongs to its tab");
      await send(frame, "for thirteen");
      await queued(frame, "for thirteen");
      await show(frame, "steps");
      await queued(frame, "Gamma", "Beta");

      await answer(questions(frame, "run_shell"), "Allow once");
      await list(frame).waitFor({ state: "detached" });
      gate.open();
      await said(frame, "Heard: Gamma, Beta.");
      await send(frame, "later");
      await send(frame, "now this");
      await item(frame, "now this").getByRole("button", { name: "Send now" }).click();
      await said(frame, "At once.");
      await queued(frame, "later");
      await questions(frame, "run_shell").waitFor();
      await composer(frame).focus();
      await page.keyboard.press("Escape");
      await hasStatus(frame, "idle");
      await queued(frame, "later");
      await frame.getByText("Waiting for you").waitFor();
      await show(frame, "run 13");
      await queued(frame, "for thirteen");
      assert.deepEqual((await running(frame)).length, 10);
      assert.deepEqual(
        simulator
          .messages()
          .filter(({ error }) => error !== undefined)
          .map(({ status }) => status),
        [400],
      );
    });
  });
});

const running = async (frame: Frame): Promise<readonly string[]> =>
  (await strip(frame)).flatMap(([title = "", status]) => (status === "running" ? [title] : []));

const unread = async (frame: Frame): Promise<readonly string[]> =>
  (await strip(frame)).flatMap(([title = "", , words]) => (words === "done, not read yet" ? [title] : []));

const articles = (frame: Frame): Promise<number> => conversation(frame).getByRole("article").count();

const list = (frame: Frame) => frame.getByRole("list", { name: "Queued messages" });

const item = (frame: Frame, text: string) => list(frame).getByRole("listitem").filter({ hasText: text });

/** Resolves when the tab in front has exactly these messages in its queue. */
async function queued(frame: Frame, ...wanted: readonly string[]): Promise<void> {
  await eventually(`the queue ${wanted.join(", ")}`, async () => {
    const shown = await list(frame).locator(".queued-text").allInnerTexts();
    return shown.join() === wanted.join();
  });
}
