/** The queue above the composer in a real browser: its names, and every way to edit, move and send what waits. */
import assert from "node:assert/strict";
import type { TabState } from "../../src/chunks/protocol";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const busy = { status: "running", activity: { kind: "streaming" } } as const;
const waiting = (...texts: readonly string[]): TabState["queue"] =>
  texts.map((text) => ({ id: `id-${text}`, text, createdAt: 1 }));

describeView("the queue in a browser", (stage) => {
  const list = () => stage().view.page.getByRole("list", { name: "Queued messages" });
  const item = (text: string) => list().getByRole("listitem").filter({ hasText: text });
  const button = (text: string, name: string) => item(text).getByRole("button", { name, exact: true });
  const editBox = () => list().getByRole("textbox", { name: "Queued message" });
  const show = (change: Partial<TabState>, ...texts: readonly string[]) =>
    stage().view.show(
      b.snapshot({ tabs: [b.tabState({ ...change, queue: waiting(...texts) })], specs: [b.user("Go")] }),
    );

  it("keeps the keyboard with a message that has reached an end", async () => {
    const { view, posted } = stage();
    await show(busy, "one", "two");
    await button("two", "Move up").press("Enter");
    await show(busy, "two", "one");
    assert.equal(await button("two", "Move down").evaluate((one) => one === document.activeElement), true);
    await view.page.keyboard.press("Enter");
    assert.deepEqual(
      (await posted("queueMove")).map(({ to }) => to),
      [0, 1],
    );
  });

  it("is there while something waits, each message with its buttons", async () => {
    const { view, posted } = stage();
    await show(busy);
    assert.equal(await list().count(), 0);
    await show(busy, "one", "two", "three");
    assert.deepEqual(await list().getByRole("listitem").allTextContents(), ["one", "two", "three"]);
    await button("two", "Remove").click();
    await button("one", "Move down").click();
    await button("three", "Send now").click();
    assert.deepEqual(
      [await posted("queueRemove"), await posted("queueMove"), await posted("sendNow")],
      [
        [{ type: "queueRemove", tab: "t1", id: "id-two" }],
        [{ type: "queueMove", tab: "t1", id: "id-one", to: 1 }],
        [{ type: "sendNow", tab: "t1", id: "id-three" }],
      ],
    );
    await show({});
    assert.equal(await view.page.getByText("Waiting for you").count(), 0);
  });

  it("is edited in place: Enter saves, Escape does not and does not stop the turn, no text takes it back", async () => {
    const { posted } = stage();
    await show(busy, "one", "two");
    await button("one", "Edit").click();
    await editBox().fill("ONE");
    await editBox().press("Enter");
    await button("two", "Edit").click();
    await editBox().fill("never mind");
    await editBox().press("Escape");
    await button("two", "Edit").click();
    await editBox().fill(" ");
    await editBox().press("Enter");
    assert.deepEqual(
      [await posted("queueEdit"), await posted("queueRemove"), await posted("stop")],
      [
        [{ type: "queueEdit", tab: "t1", id: "id-one", text: "ONE" }],
        [{ type: "queueRemove", tab: "t1", id: "id-two" }],
        [],
      ],
    );
  });

  it("opens its last message with Up in the empty composer, and keeps what was typed when that is taken meanwhile", async () => {
    const { composer } = stage();
    await show(busy, "one", "two");
    await composer().fill("x");
    await composer().press("ArrowUp");
    assert.equal(await editBox().count(), 0);
    await composer().fill("");
    await composer().press("ArrowUp");
    assert.equal(await editBox().inputValue(), "two");
    await editBox().fill("two, but better");
    await show(busy, "one");
    assert.equal(await editBox().count(), 0);
    assert.equal(await composer().inputValue(), "two, but better");
  });

  it("is sorted by Alt and the arrows, with the focus on the same button, and by dragging", async () => {
    const { view, posted } = stage();
    await show(busy, "one", "two", "three");
    await button("two", "Edit").focus();
    await view.page.keyboard.press("Alt+ArrowUp");
    await show(busy, "two", "one", "three");
    assert.equal(
      await view.page.evaluate(() => document.activeElement?.closest("[data-queued]")?.getAttribute("data-queued")),
      "id-two",
    );
    await view.page.keyboard.press("Alt+ArrowUp"); // is the first already
    await item("three").dragTo(item("two"));
    assert.deepEqual(
      (await posted("queueMove")).map(({ id, to }) => [id, to]),
      [
        ["id-two", 0],
        ["id-three", 0],
      ],
    );
  });

  it("says that it waits for the person when nothing runs, and is sent on request", async () => {
    const { view, posted } = stage();
    await show({}, "one");
    assert.equal(await view.page.getByText("Waiting for you: sent with your next message").count(), 1);
    assert.equal(await button("one", "Send now").count(), 0);
    await view.page.getByRole("button", { name: "Send queued messages" }).click();
    assert.deepEqual(await posted("sendNow"), [{ type: "sendNow", tab: "t1" }]);
  });
});
