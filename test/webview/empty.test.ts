/** A tab without messages: what it offers to go on with. */
import assert from "node:assert/strict";
import * as b from "./harness/build";
import { describeView } from "./harness/suite";

describeView("an empty tab", (stage) => {
  const recent = () => stage().view.page.getByRole("region", { name: "Recent chats" });

  it("offers the chats before it by keyboard, and all of them; nothing where there are none", async () => {
    const { view, posted } = stage();
    await view.show(b.snapshot({}));
    assert.deepEqual([await posted("recent"), await recent().count()], [[{ type: "recent" }], 0]);
    const lastAt = Date.now() - 5 * 60_000;
    await view.show({ type: "recent", chats: [{ id: "a", title: "Mend the parser", lastAt }] });
    await recent().getByRole("button", { name: "Mend the parser 5 min ago" }).press("Enter");
    await recent().getByRole("button", { name: "All chats…" }).press("Enter");
    assert.deepEqual(
      [await posted("openConversation"), await posted("run")],
      [[{ type: "openConversation", id: "a" }], [{ type: "run", command: "search-history" }]],
    );
  });

  it("asks again when the tabs have changed", async () => {
    const { view, posted } = stage();
    await view.show(b.snapshot({}));
    await view.show({ type: "tabs", active: "t1", tabs: [b.tabState(), b.tabState({ id: "t2", title: "Another" })] });
    assert.equal((await posted("recent")).length, 2);
  });

  it("offers what can be begun with where no key is set, the key last, each at one press", async () => {
    const { view, posted } = stage();
    await view.show(b.snapshot({ setup: { key: { kind: "missing", keyId: "main" } } }));
    assert.deepEqual(await posted("offers"), [{ type: "offers" }]);
    const buttons = view.page.locator(".empty button");
    assert.deepEqual(await buttons.allInnerTexts(), ["Set API key"]);
    await view.show({ type: "offers", offers: b.offers });
    for (const button of await buttons.all()) await button.press("Enter");
    assert.deepEqual(
      [await posted("takeOffer"), await posted("run")],
      [
        [
          { type: "takeOffer", id: "ollama" },
          { type: "takeOffer", id: "vscode" },
        ],
        [{ type: "run", command: "set-api-key" }],
      ],
    );
    await view.show({ type: "setup", setup: b.setup });
    assert.equal(await view.page.getByText("VS Code's language models").count(), 0);
  });
});
