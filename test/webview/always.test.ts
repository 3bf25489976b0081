/** The step behind *Always allow …* in a real browser: nothing is saved before its words were in sight. */
import assert from "node:assert/strict";
import type { AlwaysChoice } from "../../src/chunks/approval-card";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const always: readonly AlwaysChoice[] = [
  {
    id: "this-folder",
    matches: "npm test",
    words: "Exactly this command in the workspace folder.",
    place: "Saved for this folder.",
  },
  {
    id: "all-folder",
    matches: "npm test -- *",
    words: "Commands that begin with these words.",
    place: "Saved for this folder.",
  },
];

describeView("always allow in a browser", (stage) => {
  const show = async (change: Parameters<typeof b.commandCard>[0]) => {
    const { view, armed } = stage();
    await view.show(
      b.snapshot({
        tabs: [b.tabState({ status: "needs-approval", activity: { kind: "approval" } })],
        specs: [b.user("Go"), b.call("c1", "run_shell", { command: "npm test" })],
        approvals: [b.commandCard(change)],
      }),
    );
    await armed();
  };
  const button = (name: string) => stage().card().getByRole("button", { name });
  const choices = () => stage().card().getByRole("group", { name: "Always allow" });

  it("is not offered where the card has nothing to save", async () => {
    await show({});
    assert.equal(await button("Always allow …").count(), 0);
  });

  it("shows what each rule would match and where it is kept, and saves the one that was chosen, by keyboard alone", async () => {
    const { view, posted } = stage();
    await show({ always });
    await button("Always allow …").focus();
    await view.page.keyboard.press("Enter");
    assert.equal(
      await choices().textContent(),
      [
        "Always allow",
        "npm testExactly this command in the workspace folder.Saved for this folder.",
        "npm test -- *Commands that begin with these words.Saved for this folder.",
        "Save and allowBack",
      ].join(""),
    );
    await view.page.keyboard.press("ArrowDown");
    await view.page.keyboard.press("Control+Enter");
    assert.deepEqual(await posted("decide"), []);
    await view.page.keyboard.press("Tab");
    await stage().card().locator("button[aria-disabled=false]").first().waitFor();
    await view.page.keyboard.press("Enter");
    assert.deepEqual(await posted("decide"), [
      { type: "decide", tab: "t1", id: "a1", answer: { kind: "allow_always", choice: "all-folder" } },
    ]);
  });

  it("goes back by Escape without stopping the turn, and takes no double click for a decision", async () => {
    const { view, posted } = stage();
    await show({ always });
    await button("Always allow …").dblclick();
    await choices().waitFor();
    assert.deepEqual(await posted("decide"), []);
    await choices().getByRole("radio").first().focus();
    await view.page.keyboard.press("Escape");
    await button("Always allow …").waitFor();
    assert.deepEqual(await posted("stop"), []);
  });
});
