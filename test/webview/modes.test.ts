/** The mode of a chat in a real browser: what the row and the strip show of it, and choosing another one by keys. */
import assert from "node:assert/strict";
import { modes } from "../../src/chunks/modes";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

describeView("the mode of a chat", (stage) => {
  const button = () => stage().view.page.getByRole("button", { name: /^Mode: / });
  const items = () => stage().view.page.getByRole("menuitemradio");
  const offers = {
    type: "modes",
    modes: [{ mode: "ask" }, { mode: "edits" }, { mode: "plan" }, { mode: "sandbox", problem: "bwrap is missing." }],
  } as const;

  it("is chosen from a list by keys; Escape leaves it and stops nothing", async () => {
    const { view, posted } = stage();
    await view.show(b.snapshot({ tabs: [b.tabState({ status: "running" })] }));
    await button().focus();
    const press = (...keys: readonly string[]) =>
      keys.reduce((before, key) => before.then(() => view.page.keyboard.press(key)), Promise.resolve());
    await press("Enter");
    await view.show(offers);
    assert.deepEqual(await items().allInnerTexts(), [
      "Ask\nWhat writes, runs or leaves the workspace is asked",
      "Edits allowed\nOrdinary files of the workspace are changed without a question",
      "Plan\nNothing is changed: only reading, for a plan",
      "Sandboxed auto\nNot available: bwrap is missing.",
    ]);
    await press("Escape", "Enter", "End", "Enter");
    assert.equal(await items().nth(3).getAttribute("aria-disabled"), "true");
    await press("ArrowUp", "Enter");
    assert.equal(await items().count(), 0);
    assert.equal(await button().evaluate((element) => element === document.activeElement), true);
    assert.deepEqual(
      [await posted("selectMode"), await posted("stop")],
      [[{ type: "selectMode", tab: "t1", mode: "plan" }], []],
    );
  });

  it("stands in the strip where it is not Ask, in red where nothing is asked, and says so to a screen reader", async () => {
    const { view } = stage();
    await view.show(b.snapshot({ tabs: modes.map((mode) => b.tabState({ id: mode, title: `A ${mode} chat`, mode })) }));
    const tabs = await view.page.getByRole("tab").evaluateAll((all) =>
      all.map((tab) => {
        const mark = tab.querySelector(".tab-mode");
        const probe = document.createElement("span");
        probe.style.color = "var(--vscode-errorForeground)";
        tab.append(probe);
        const isRed = mark !== null && getComputedStyle(mark).color === getComputedStyle(probe).color;
        probe.remove();
        return [mark?.textContent ?? "", tab.getAttribute("aria-description"), isRed];
      }),
    );
    assert.deepEqual(tabs, [
      ["", null, false],
      ["Edits", "mode Edits allowed", false],
      ["Plan", "mode Plan", false],
      ["Sandboxed", "mode Sandboxed auto", false],
      ["Unrestricted", "mode Unrestricted", true],
    ]);
  });
});
