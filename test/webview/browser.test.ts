/** The built view in a real Chromium, under the policy of the host's page: names, composer, questions. */
import assert from "node:assert/strict";
import type { ToView } from "../../src/chunks/protocol";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const busy = { status: "running", activity: { kind: "streaming" } } as const;
const asking = { status: "needs-approval", activity: { kind: "approval" } } as const;
const question = (cards = [b.commandCard()]): ToView =>
  b.snapshot({
    tabs: [b.tabState(asking)],
    specs: [b.user("Go"), ...cards.map((card) => b.call(card.callId, card.tool, { command: "npm test" }))],
    approvals: cards,
  });

describeView("the view in a browser", (stage) => {
  it("says that it is ready, and asks again when it missed a revision", async () => {
    const { view } = stage();
    await view.show(b.snapshot({ specs: [b.user("Hi")] }));
    await view.show({ type: "rows", tab: "t1", rev: 5, rows: [] });
    const toSession = (await view.sent()).filter((message) => message.type !== "focus");
    assert.deepEqual(toSession, [{ type: "ready" }, { type: "sync", tab: "t1", after: 1 }]);
  });

  it("has the roles and names that others rely on", async () => {
    const { view, log, card } = stage();
    await view.show(
      b.snapshot({
        tabs: [b.tabState(asking), b.tabState({ id: "t2", title: "Other", status: "error" })],
        specs: [
          b.user("Go"),
          b.call("c0", "read_file", { path: "src/a.ts" }),
          b.call("c1", "run_shell", { command: "npm  test" }),
          b.result("c0", "read_file", "1"),
        ],
        approvals: [b.commandCard()],
        hasOlder: true,
      }),
    );
    const { page } = view;
    const tabs = page.getByRole("tablist", { name: "Chats" }).getByRole("tab");
    const names = ["data-tab-id", "data-status", "aria-label", "aria-selected"];
    assert.deepEqual(
      await tabs.evaluateAll((all, attributes) => all.map((tab) => attributes.map((a) => tab.getAttribute(a))), names),
      [
        ["t1", "needs-approval", "Faster engine start", "true"],
        ["t2", "error", "Other", "false"],
      ],
    );
    const articles = log().getByRole("article");
    assert.deepEqual(
      await articles.evaluateAll((all: HTMLElement[]) => all.map(({ dataset }) => [dataset.turn, dataset.seq])),
      [
        ["turn1", "1"],
        ["turn1", "2"],
      ],
    );
    const state = (name: string) => page.getByRole("group", { name, exact: true }).getAttribute("data-state");
    assert.deepEqual([await state("read_file: src/a.ts"), await state("run_shell: npm test")], ["done", "pending"]);
    for (const name of ["Allow once", "Allow in this tab", "Deny"]) {
      assert.equal(await card().getByRole("button", { name }).count(), 1, name);
    }
    assert.equal(await card().getByRole("textbox", { name: "Reason" }).count(), 1);
    for (const name of ["New tab", "Stop", "Load older messages"]) {
      assert.equal(await page.getByRole("button", { name }).count(), 1, name);
    }
    assert.equal(await page.getByRole("status").textContent(), "Needs approval: Run this command?");
  });

  it("sends with Enter, breaks the line with Shift+Enter, and not while an input method composes", async () => {
    const { view, posted, composer } = stage();
    await view.show(b.snapshot({}));
    assert.equal(await view.page.getByRole("button", { name: "Send" }).isDisabled(), true);
    await composer().fill("one");
    await composer().press("Shift+Enter");
    await composer().pressSequentially("two");
    await composer().dispatchEvent("keydown", { key: "Enter", isComposing: true });
    await composer().dispatchEvent("keydown", { key: "Enter", keyCode: 229 });
    assert.deepEqual(await posted("send"), []);
    await composer().press("Enter");
    assert.deepEqual(await posted("send"), [{ type: "send", tab: "t1", text: "one\ntwo" }]);
    assert.equal(await composer().inputValue(), "");
  });

  it("sends while the agent works, says so, and Escape stops it", async () => {
    const { view, posted, composer } = stage();
    await view.show(b.snapshot({ tabs: [b.tabState(busy)], specs: [b.user("Go")] }));
    await composer().fill("next");
    assert.equal(await view.page.getByText("Enter queues this, Escape stops").count(), 1);
    await composer().press("Enter");
    assert.equal(await composer().inputValue(), "");
    await composer().fill("and then");
    await view.page.getByRole("button", { name: "Send" }).click();
    await composer().press("Escape");
    assert.deepEqual(
      (await posted("send")).map((message) => message.text),
      ["next", "and then"],
    );
    assert.deepEqual(await posted("stop"), [{ type: "stop", tab: "t1" }]);
  });

  it("keeps a draft over a reload and tells the host", async () => {
    const { view, posted, composer } = stage();
    await view.show(b.snapshot({}));
    await composer().fill("half a thought");
    await composer().blur();
    assert.deepEqual(await posted("draft"), [{ type: "draft", tab: "t1", text: "half a thought" }]);
    await view.page.reload();
    await view.show(b.snapshot({}));
    assert.equal(await composer().inputValue(), "half a thought");
    assert.deepEqual(await posted("draft"), [{ type: "draft", tab: "t1", text: "half a thought" }]);
  });

  it("leaves the last word on a draft to the host, once that has heard of it", async () => {
    const { view, composer } = stage();
    await view.show(b.snapshot({}));
    await composer().fill("half");
    await composer().blur();
    await view.page.waitForFunction(() => !sessionStorage.getItem("state")?.includes("half"));
    await view.page.reload();
    await view.show(b.snapshot({ tabs: [b.tabState({ draft: "half a thought, gone on with elsewhere" })] }));
    assert.equal(await composer().inputValue(), "half a thought, gone on with elsewhere");
  });

  it("brings back nothing that the host has heard more of since, as when the editor comes with a state of before", async () => {
    const { view, posted, composer } = stage();
    await view.show(b.snapshot({}));
    await composer().fill("half");
    const state = await view.page.evaluate(() => sessionStorage.getItem("state") ?? "");
    await composer().fill("half a thought");
    await composer().blur();
    await view.page.evaluate((old) => sessionStorage.setItem("state", old), state);
    await view.page.reload();
    await view.show(b.snapshot({ tabs: [b.tabState({ draft: "half a thought" })] }));
    assert.equal(await composer().inputValue(), "half a thought");
    assert.deepEqual(await posted("draft"), []);
  });

  it("grows the composer to ten lines and no further", async () => {
    const { view, composer } = stage();
    await view.show(b.snapshot({}));
    const heights: number[] = [];
    for (const lines of [1, 4, 10, 40]) {
      await composer().fill(Array.from({ length: lines }, () => "x").join("\n"));
      heights.push((await composer().boundingBox())?.height ?? 0);
    }
    const [one = 0, four = 0, ten = 0, forty = 0] = heights;
    assert.ok(one < four && four < ten && ten === forty, heights.join(" "));
  });

  it("ignores answers before the card is armed, and takes one answer only", async () => {
    const { view, posted, card, armed } = stage();
    await view.show(question());
    await view.page.evaluate(() => {
      const buttons = [...document.querySelectorAll<HTMLElement>("[role=alertdialog] button")];
      for (const button of document.querySelector("[data-armed=false]") === null ? [] : buttons) {
        button.click();
      }
    });
    assert.deepEqual(await posted("decide"), []);
    await armed();
    await card().getByRole("button", { name: "Allow once" }).click();
    await card().getByRole("button", { name: "Deny" }).click({ force: true });
    assert.deepEqual(await posted("decide"), [{ type: "decide", tab: "t1", id: "a1", answer: { kind: "allow_once" } }]);
  });

  it("answers the focused card by keyboard", async () => {
    const { view, posted, armed } = stage();
    await view.show(question([b.commandCard(), b.commandCard({ id: "a2", callId: "c2" })]));
    await armed();
    await view.page.locator("[data-approval=a2][data-armed=true]").focus();
    await view.page.keyboard.press("Control+Backspace");
    await view.page.locator("[data-approval=a1]").focus();
    await view.page.keyboard.press("Enter");
    await view.page.keyboard.press("Control+Enter");
    assert.deepEqual(
      (await posted("decide")).map(({ id, answer }) => [id, answer]),
      [
        ["a2", { kind: "deny" }],
        ["a1", { kind: "allow_once" }],
      ],
    );
  });

  it("denies with the reason that was written", async () => {
    const { view, posted, card, armed } = stage();
    await view.show(question());
    await armed();
    await card().getByRole("textbox", { name: "Reason" }).fill("use the small suite");
    await view.page.keyboard.press("Enter");
    assert.deepEqual(
      (await posted("decide")).map(({ answer }) => answer),
      [{ kind: "deny", reason: "use the small suite" }],
    );
  });

  it("gives a new card the focus only when nothing is being written", async () => {
    const { view, composer } = stage();
    const focused = () => view.page.evaluate(() => document.activeElement?.getAttribute("role"));
    await view.show(b.snapshot({ tabs: [b.tabState(busy)], specs: [b.user("Go")] }));
    await composer().fill("wait");
    await view.show(question());
    assert.equal(await focused(), null);
    await view.show(b.snapshot({ tabs: [b.tabState(busy)], specs: [b.user("Go")] }));
    await composer().fill("");
    await view.show(question());
    assert.equal(await focused(), "alertdialog");
  });

  it("shows the whole truth of a command", async () => {
    const { view, card } = stage();
    const command = `echo ok${" ".repeat(99)}; rm \u202ex\n${"# pad\n".repeat(60)}last line`;
    await view.show(question([b.commandCard({}, command)]));
    const text = (await card().locator("pre").textContent()) ?? "";
    assert.match(text, /^echo ok‹99 blanks›; rm ‹U\+202E›x\n/);
    assert.match(text, /last line$/);
    assert.match((await card().textContent()) ?? "", /62 lines, 483 characters/);
  });

  it("offers the step that is missing", async () => {
    const { view, posted } = stage();
    await view.show(b.snapshot({ setup: { key: { kind: "missing", keyId: "main" } } }));
    await view.page.getByRole("button", { name: "Set API key" }).click();
    await view.show(b.snapshot({ setup: { key: { kind: "settings", message: "dispatch.models must be a list." } } }));
    await view.page.getByRole("button", { name: "Open settings" }).click();
    assert.deepEqual(await posted("run"), [
      { type: "run", command: "set-api-key" },
      { type: "run", command: "open-settings" },
    ]);
  });
});
