/** The strip of tabs in a real browser: walking, changing titles and places, the list for a narrow view. */
import assert from "node:assert/strict";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const three = [
  b.tabState({ id: "t1", title: "One" }),
  b.tabState({ id: "t2", title: "Two", status: "running" }),
  b.tabState({ id: "t3", title: "Three", unread: true }),
];

describeView("the strip of tabs", (stage) => {
  const tab = (name: string) => stage().view.page.getByRole("tab", { name });

  it("walks with arrows, Home and End", async () => {
    const { view, posted } = stage();
    await view.show(b.snapshot({ tabs: three }));
    await tab("One").focus();
    for (const key of ["ArrowRight", "End", "ArrowRight", "Home"]) await view.page.keyboard.press(key);
    assert.deepEqual(
      (await posted("selectTab")).map((message) => message.tab),
      ["t2", "t3", "t1"],
    );
    assert.equal(await tab("One").evaluate((element) => element === document.activeElement), true);
  });

  it("moves the tab that has the focus, and one that is dragged", async () => {
    const { view, posted } = stage();
    await view.show(b.snapshot({ tabs: three }));
    await tab("Two").focus();
    await view.page.keyboard.press("Control+Shift+ArrowLeft");
    await view.page.keyboard.press("Control+Shift+ArrowRight");
    await tab("Three").dragTo(tab("One"), { targetPosition: { x: 3, y: 10 } });
    assert.deepEqual(await posted("moveTab"), [
      { type: "moveTab", tab: "t2", before: "t1" },
      { type: "moveTab", tab: "t2" },
      { type: "moveTab", tab: "t3", before: "t1" },
    ]);
  });

  it("changes a title in place: Enter keeps it, Escape does not and stops nothing", async () => {
    const { view, posted } = stage();
    await view.show(b.snapshot({ tabs: [b.tabState({ title: "One", status: "running" })] }));
    const box = view.page.getByRole("textbox", { name: "Title of the chat" });
    await tab("One").focus();
    await view.page.keyboard.press("F2");
    await box.fill("Another");
    await box.press("Escape");
    assert.deepEqual([await posted("renameTab"), await posted("stop")], [[], []]);
    await tab("One").dblclick();
    await box.fill("Better");
    await box.press("Enter");
    assert.deepEqual(await posted("renameTab"), [{ type: "renameTab", tab: "t1", title: "Better" }]);
    await view.show();
    assert.equal(await tab("One").evaluate((element) => element === document.activeElement), true);
  });

  it("says each state in words", async () => {
    const { view } = stage();
    await view.show(b.snapshot({ tabs: three }));
    const words = await view.page
      .getByRole("tab")
      .evaluateAll((all) => all.map((one) => one.getAttribute("aria-description")));
    assert.deepEqual(words, [null, "working", "done, not read yet"]);
  });

  it("lists all tabs when they do not fit, for the keyboard alone", async () => {
    const { view, posted } = stage();
    const all = view.page.getByRole("button", { name: "Open chats" });
    await view.show(b.snapshot({ tabs: three }));
    assert.equal(await all.count(), 0);
    const many = Array.from({ length: 20 }, (_, i) => b.tabState({ id: `t${i + 1}`, title: `Chat number ${i + 1}` }));
    await view.show(b.snapshot({ tabs: many }));
    await all.press("Enter");
    for (const key of ["ArrowDown", "ArrowDown", "End", "ArrowUp", "Enter"]) await view.page.keyboard.press(key);
    assert.deepEqual(await posted("selectTab"), [{ type: "selectTab", tab: "t19" }]);
    assert.equal(await view.page.getByRole("menu").count(), 0);
  });

  it("says at the list of all how many chats wait out of sight, and shows both ends of their titles", async () => {
    const { view } = stage();
    const all = view.page.getByRole("button", { name: "Open chats" });
    const waits = (id: number) => id === 1 || id === 4 || id === 9;
    const many = Array.from({ length: 20 }, (_, i) =>
      b.tabState({
        id: `t${i + 1}`,
        title: `A title that is far too long for one line of the list: chat ${i + 1}`,
        status: waits(i + 1) ? "needs-approval" : "idle",
      }),
    );
    await view.show(b.snapshot({ tabs: many }));
    assert.equal(await all.getAttribute("aria-description"), "2 need approval");
    await all.click();
    const end = view.page.getByRole("menuitemradio").nth(8).getByText("chat 9", { exact: true });
    assert.equal(await end.evaluate((one) => one.scrollWidth <= one.clientWidth || one.clientWidth === 0), true);
    await end.click();
  });

  it("closes by the button, the middle button and Delete", async () => {
    const { view, posted } = stage();
    await view.show(b.snapshot({ tabs: three }));
    await tab("One").hover();
    await view.page.getByRole("button", { name: "Close tab" }).first().click();
    await tab("Two").click({ button: "middle" });
    await tab("Three").focus();
    await view.page.keyboard.press("Delete");
    assert.deepEqual(
      (await posted("closeTab")).map((message) => message.tab),
      ["t1", "t2", "t3"],
    );
  });

  it("asks once before it stops an agent, and Escape keeps it", async () => {
    const { view, posted } = stage();
    const question = view.page.getByRole("alertdialog", { name: "Close tab" });
    await view.show(
      b.snapshot({ tabs: [b.tabState({ id: "t2", title: "Two", status: "running" }), ...three.slice(2)] }),
      { type: "confirmClose", tab: "t2" },
    );
    await question.waitFor();
    await view.page.keyboard.press("Escape");
    assert.deepEqual([await question.count(), await posted("closeTab"), await posted("stop")], [0, [], []]);
    await view.show({ type: "confirmClose", tab: "t2" });
    await view.page.getByRole("textbox", { name: "Message" }).focus();
    await view.page.keyboard.press("Escape");
    await view.show({ type: "confirmClose", tab: "t2" });
    assert.deepEqual(await posted("stop"), []);
    await question.getByRole("button", { name: "Stop and close" }).click();
    assert.deepEqual(await posted("closeTab"), [{ type: "closeTab", tab: "t2", stop: true }]);
  });
});
