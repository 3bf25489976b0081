/** Between the choice of a tab and the host's answer to it, in a real browser: what is typed is for the tab that comes. */
import assert from "node:assert/strict";
import type { ToView } from "../../src/chunks/protocol";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

const one = b.tabState({ id: "t1", title: "One", draft: "for one" });
const two = b.tabState({ id: "t2", title: "Two", queue: [{ id: "q", text: "waits in two", createdAt: 1 }] });
const start = b.snapshot({ tabs: [one, two], specs: [b.user("Asked in one")] });
const front = (active: string): ToView => ({ type: "tabs", tabs: [one, two], active });
const rows = b.rowsOf([b.user("Asked in two")]).map((row) => ({ ...row, tabId: "t2" }));
const windowOfTwo: ToView = {
  type: "window",
  window: { tab: "t2", rev: 1, rows, upTo: 1, lastSeq: 1, turns: [], hasOlder: false, approvals: [] },
};

describeView("the choice of a tab", (stage) => {
  const tab = (name: string) => stage().view.page.getByRole("tab", { name });
  const type = (text: string) => stage().view.page.keyboard.type(text);
  /** The last draft of each tab that the host was told. */
  const drafts = async () => {
    await stage().composer().blur();
    return Object.fromEntries((await stage().posted("draft")).map((draft) => [draft.tab, draft.text]));
  };
  const seen = async () => ({
    front: await stage().view.page.locator("[role=tab][aria-selected=true]").getAttribute("aria-label"),
    box: await stage().composer().inputValue(),
    asked: await stage().log().getByRole("article").allTextContents(),
  });

  it("takes effect before the host knows of it: box, queue and draft are that tab's, its rows come when they come", async () => {
    const { view, composer } = stage();
    await view.show(start);
    await tab("Two").click();
    await composer().click();
    await type("for two");
    assert.deepEqual(await seen(), { front: "Two", box: "for two", asked: [] });
    assert.equal(await view.page.getByRole("list", { name: "Queued messages" }).count(), 1);
    await view.show(front("t1")); // said before the choice arrived
    await type(", too");
    await view.show(front("t2"), windowOfTwo);
    assert.deepEqual(await seen(), { front: "Two", box: "for two, too", asked: ["Asked in two"] });
    assert.deepEqual(await drafts(), { t2: "for two, too" });
    await tab("One").click();
    assert.deepEqual(await seen(), { front: "One", box: "for one", asked: ["Asked in one"] });
  });

  it("is the last one of several, whatever the host answers to those before", async () => {
    const { view, composer } = stage();
    await view.show(start);
    await tab("Two").click();
    await tab("One").click();
    await view.show(front("t2"));
    await composer().focus();
    await type("!");
    assert.deepEqual(await seen(), { front: "One", box: "for one!", asked: ["Asked in one"] });
    await view.show(front("t1"), front("t2")); // and then one that the host has brought
    assert.deepEqual([(await seen()).front, await drafts()], ["Two", { t1: "for one!" }]);
  });

  it("does not hold against a host that has closed the tab", async () => {
    const { view } = stage();
    await view.show(start);
    await tab("Two").click();
    await view.show({ type: "tabs", tabs: [one], active: "t1" });
    assert.deepEqual(await seen(), { front: "One", box: "for one", asked: ["Asked in one"] });
    assert.deepEqual(await drafts(), {});
  });

  it("made by a key of the editor has what was typed behind the key", async () => {
    const { view, composer } = stage();
    await view.show(start);
    await composer().focus();
    await view.page.keyboard.press("End");
    await type(" alone");
    await view.page.keyboard.press("Control+PageDown");
    await type("meant for two");
    await view.show(front("t2"), windowOfTwo);
    await type(", all of it");
    assert.deepEqual(await seen(), { front: "Two", box: "meant for two, all of it", asked: ["Asked in two"] });
    assert.deepEqual(await drafts(), { t1: "for one alone", t2: "meant for two, all of it" });
  });

  it("made by the host alone takes nothing along", async () => {
    const { view, composer } = stage();
    await view.show(start);
    await composer().focus();
    await view.page.keyboard.press("End");
    await type("!");
    await view.show(front("t2"));
    assert.deepEqual([(await seen()).box, await drafts()], ["", { t1: "for one!" }]);
  });
});
