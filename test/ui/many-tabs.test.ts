/** Twenty chats in the sidebar, ten of them at work: opened, found, sorted, named, closed and brought back, by keys and by mouse. */
import assert from "node:assert/strict";
import type { Frame, Page } from "playwright-core";
import { createGate } from "../support/gate";
import { composer, eventually, said } from "./support/chat";
import { listed, pressDelete, typeTitle } from "./support/history";
import {
  begun,
  finished,
  inFront,
  plus,
  show,
  startTwenty,
  strip,
  tab,
  titles,
  twenty,
  workload,
} from "./support/tabs";
import { withVsCode } from "./support/vscode";

describe("twenty chats in VS Code, ten of them at work", () => {
  it("keep their marks and their drafts apart, and are reached by keys, palette, mouse and the list of all", () =>
    withVsCode({ name: "many-tabs", scenario: workload(createGate()) }, async ({ page, frame, command }) => {
      const ways = [() => plus(frame), () => press(page, frame, "Control+N"), () => command("Dispatch: New Tab")];
      await startTwenty(frame, async (index) => await ways[index < 6 ? index % 3 : 0]?.());
      assert.deepEqual(await strip(frame), twenty.map(expected));

      await composer(frame).fill("a draft in the last");
      await press(page, frame, "Control+PageDown"); // round the end
      await inFront(frame, "run 01");
      await said(frame, begun("run 01"));
      await composer(frame).fill("a draft in the first");
      await command("Dispatch: Next Tab");
      await inFront(frame, "done 02");
      assert.equal(await composer(frame).inputValue(), "");
      await press(page, frame, "Control+PageUp");
      await inFront(frame, "run 01");
      assert.equal(await composer(frame).inputValue(), "a draft in the first");
      await command("Dispatch: Previous Tab");
      await inFront(frame, "done 20");
      assert.equal(await composer(frame).inputValue(), "a draft in the last");

      const all = frame.getByRole("button", { name: "Open chats" });
      await all.click();
      assert.deepEqual((await frame.getByRole("menuitemradio").all()).length, twenty.length);
      await frame.getByRole("menuitemradio", { name: "ask 04, needs approval" }).click();
      await inFront(frame, "ask 04");
      await frame.getByRole("alertdialog", { name: "Approval: run_shell" }).waitFor();
      await all.press("Enter");
      for (const key of ["End", "ArrowUp", "Enter"]) await page.keyboard.press(key);
      await inFront(frame, "run 19");
      await said(frame, begun("run 19"));
      await all.press("Enter");
      await page.keyboard.press("Escape");
      assert.deepEqual(
        [await frame.getByRole("menu").count(), await tab(frame, "run 19").getAttribute("data-status")],
        [0, "running"],
      );
    }));

  it("are sorted, named, closed and brought back, and no agent stops but one that is asked for", () =>
    withVsCode({ name: "many-tabs-acts", scenario: workload(createGate()) }, async ({ page, frame, command }) => {
      await startTwenty(frame);
      await show(frame, "done 02");
      await tab(frame, "done 02").press("Control+Shift+ArrowLeft");
      await order(frame, ["done 02", "run 01", "run 03"]);
      await tab(frame, "run 03").dragTo(tab(frame, "done 02"), { targetPosition: { x: 4, y: 12 } });
      await order(frame, ["run 03", "done 02", "run 01", "ask 04"]);

      await tab(frame, "run 03").dblclick();
      const box = frame.getByRole("textbox", { name: "Title of the chat" });
      await box.fill("Mend the parser");
      await box.press("Enter");
      await inFront(frame, "Mend the parser");
      await tab(frame, "Mend the parser").press("F2");
      await box.fill("never");
      await box.press("Escape");
      await order(frame, ["Mend the parser", "done 02", "run 01"]);
      assert.equal(await tab(frame, "Mend the parser").getAttribute("data-status"), "running");

      await show(frame, "done 02");
      await frame
        .locator(".tab-frame")
        .filter({ has: tab(frame, "done 02") })
        .getByRole("button", { name: "Close tab" })
        .click();
      await order(frame, ["Mend the parser", "run 01", "ask 04"]);
      await tab(frame, "done 10").click({ button: "middle" });
      await gone(frame, "done 10");
      await show(frame, "run 11");
      await tab(frame, "run 11").press("Delete");
      const question = frame.getByRole("alertdialog", { name: "Close tab" });
      await question.waitFor();
      await page.keyboard.press("Escape");
      await question.waitFor({ state: "detached" });
      assert.equal(await tab(frame, "run 11").getAttribute("data-status"), "running");
      await tab(frame, "run 11").press("Delete");
      await question.getByRole("button", { name: "Stop and close" }).press("Enter");
      await gone(frame, "run 11");

      await command("Dispatch: Reopen Closed Tab");
      await inFront(frame, "run 11");
      await said(frame, begun("run 11"));
      for (const title of ["done 10", "done 02"]) {
        await command("Dispatch: Reopen Closed Tab");
        await inFront(frame, title);
        await said(frame, finished(title));
      }
      const before = ["Mend the parser", "done 02", "run 01", ...twenty.slice(3)];
      assert.deepEqual(
        (await strip(frame)).map(([title, status]) => [title, status]),
        before.map((title) => [title, title === "run 11" ? "idle" : statusBefore(title)]),
      );

      await tab(frame, "done 12").click({ button: "middle" });
      await gone(frame, "done 12");
      await page.getByRole("button", { name: "Search History..." }).click();
      await typeTitle(page, "one 12");
      await listed(page, ["done 12"]);
      await page.keyboard.press("Enter");
      await inFront(frame, "done 12");
      await said(frame, finished("done 12"));
      await command("Dispatch: Search History...");
      await typeTitle(page, "run 13");
      await listed(page, ["run 13"]);
      await pressDelete(page);
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await gone(frame, "run 13");
      await page.keyboard.press("Escape");
      assert.equal((await titles(frame)).length, 19);
    }));
});

/** What the strip says of a chat of the twenty while the last one is in front. */
function expected(title: string): readonly string[] {
  const kinds: Readonly<Record<string, readonly string[]>> = {
    run: ["running", "working"],
    ask: ["needs-approval", "needs approval"],
    fail: ["error", "stopped with an error"],
    done: ["idle", ""],
  };
  return [title, ...(kinds[title.split(" ")[0] ?? ""] ?? [])];
}

const statusBefore = (title: string): string => expected(title === "Mend the parser" ? "run 03" : title)[1] ?? "";

/** Presses a key while the person is in the chat. */
async function press(page: Page, frame: Frame, key: string): Promise<void> {
  await composer(frame).focus();
  await page.keyboard.press(key);
}

const order = (frame: Frame, first: readonly string[]): Promise<unknown> =>
  eventually(
    `the strip to begin with ${first.join(", ")}`,
    async () => (await titles(frame)).slice(0, first.length).join() === first.join(),
  );

const gone = (frame: Frame, title: string): Promise<void> => tab(frame, title).waitFor({ state: "detached" });
