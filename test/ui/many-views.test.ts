/** A long history that is read backwards, and one chat that is watched from the sidebar and from the editor area. */
import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { call, reply, text } from "../simulator/reply";
import type { ScenarioFunction } from "../simulator/scenario";
import { createGate } from "../support/gate";
import { conversation, editorChat, eventually, hasStatus, said, send } from "./support/chat";
import { inFront, plus, startTwenty, strip, workload } from "./support/tabs";
import { withVsCode } from "./support/vscode";

/** Calls of each turn of the long chat: with results, context and texts some 180 rows, more than a window in two turns. */
const CALLS = 88;
const TURNS = 8;
/** Turns that 400 rows, the bound of the view, reach into, and one that is cut at each end. */
const MOST = 4;

const long: ScenarioFunction = ({ userText, step }) =>
  step === 0
    ? reply(`Begin of ${userText}.`, ...Array.from({ length: CALLS }, () => call("list_files", {})))
    : reply(`End of ${userText}. ${"A line to scroll through.\n\n".repeat(12)}`);

describe("a long chat in VS Code", () => {
  it("loads what is older by the button and by scrolling, without a jump, and never holds more than a part of it", () =>
    withVsCode({ name: "many-rows", scenario: long }, async ({ page, frame }) => {
      for (let turn = 1; turn <= TURNS; turn += 1) {
        await send(frame, `long ${turn}`);
        await said(frame, `End of long ${turn}.`);
        await hasStatus(frame, "idle");
      }
      await plus(frame);
      await inFront(frame, "New chat");
      await frame.getByRole("tab", { name: "long 1", exact: true }).click();
      await inFront(frame, "long 1");
      // What fills the view comes by itself.
      await eventually("something to scroll", () =>
        conversation(frame).evaluate((box) => box.scrollHeight > box.clientHeight),
      );
      const [first = 0, ...more] = await turns(frame);
      assert.deepEqual(
        [more.at(-1), more.length < MOST],
        [TURNS, true],
        `turns ${first} to ${more.at(-1)} are in the page`,
      );

      const older = frame.getByRole("button", { name: "Load older messages" });
      await older.press("Enter");
      await eventually("an older page", async () => ((await turns(frame))[0] ?? first) < first);
      const place = await placeOf(frame, first);
      assert.ok(place >= 0 && place < 100, `what was at the top of the view is ${place} px below it`);

      await conversation(frame).hover();
      await eventually("the beginning", async () => {
        await page.mouse.wheel(0, -400);
        const loaded = await turns(frame);
        assert.ok(loaded.length <= MOST, `turns ${loaded.join()} are in the page`);
        return loaded[0] === 1 && (await older.count()) === 0;
      });

      await frame.getByRole("button", { name: "Jump to latest" }).click();
      await said(frame, `End of long ${TURNS}.`);
      await older.waitFor({ state: "attached" });
      const last = await turns(frame);
      assert.deepEqual([last.at(-1), last.length <= MOST], [TURNS, true]);
      await eventually("the end to be in view", () => isAtEnd(frame));
    }));
});

describe("one chat in the sidebar and in an editor of VS Code", () => {
  it("streams in both, beside nineteen others; closing either view stops nothing", () => {
    const [middle, end] = [createGate(), createGate()];
    const others = workload(createGate());
    const scenario: ScenarioFunction = (request) => {
      if (request.userText !== "watched") return others(request);
      const hold = async (sent: string) => {
        if (sent.length >= "One, ".length) await middle.opened();
        if (sent.length >= "One, two, ".length) await end.opened();
      };
      return { blocks: [text("One, two, three.")], hold };
    };
    return withVsCode(
      { name: "many-views", scenario, size: { width: 1500, height: 900 } },
      async ({ page, frame, command }) => {
        await startTwenty(frame);
        await plus(frame);
        await inFront(frame, "New chat");
        await send(frame, "watched");
        await inFront(frame, "watched");
        await said(frame, /One,/);
        await command("Dispatch: Open Chat in Editor");
        const editor = await editorChat(page, frame);
        await inFront(editor, "watched");
        await said(editor, /One,/);
        assert.deepEqual(await strip(editor), await strip(frame));

        middle.open();
        await Promise.all([said(frame, /One, two,/), said(editor, /One, two,/)]);
        await command("View: Close Editor");
        await eventually("the editor to be closed", () => editor.isDetached());
        await hasStatus(frame, "running");
        await command("Dispatch: Open Chat in Editor");
        const again = await editorChat(page, frame);
        await said(again, /One, two,/);
        await command("View: Toggle Primary Side Bar Visibility");
        await page.locator(".part.sidebar").waitFor({ state: "hidden" });
        end.open();
        await said(again, "One, two, three.");
        await hasStatus(again, "idle");
        assert.equal((await strip(again)).filter(([, status]) => status === "running").length, 10);
      },
    );
  });
});

/** The turns that are in the page, by their number. */
async function turns(frame: Frame): Promise<readonly number[]> {
  const asked = await conversation(frame)
    .getByRole("article")
    .filter({ hasText: /^long \d/ })
    .allInnerTexts();
  return asked.map((one) => Number(/^long (\d)/.exec(one)?.[1]));
}

/** How many pixels below the top edge of the view this turn's question is. */
const placeOf = (frame: Frame, turn: number): Promise<number> =>
  conversation(frame).evaluate((log, question) => {
    const asked = [...log.querySelectorAll("article")].find((one) => one.textContent?.startsWith(question));
    return (asked?.getBoundingClientRect().top ?? Number.NaN) - log.getBoundingClientRect().top;
  }, `long ${turn}`);

const isAtEnd = (frame: Frame): Promise<boolean> =>
  conversation(frame).evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight < 4);
