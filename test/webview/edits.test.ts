/** Undoing edits from the page: where this window can't, the buttons say why and do nothing. */
import assert from "node:assert/strict";
import { editScenes } from "./harness/scenes-edits";
import { describeView } from "./harness/suite";

describeView("edits in a browser", (stage) => {
  const show = (scene: string) => stage().view.show(...(editScenes[scene] ?? []));
  const buttons = () => stage().view.page.getByRole("button", { name: /^(?:Undo|Redo)/ });
  const posted = async () => [...(await stage().posted("undoEdits")), ...(await stage().posted("redoEdits"))];

  it("are undone by a press, one or all", async () => {
    await show("edits");
    await buttons().first().waitFor();
    assert.equal(await buttons().and(stage().view.page.locator("[title], [aria-disabled=true]")).count(), 0);
    await stage().view.page.getByRole("button", { name: "Undo all" }).click();
    await stage().view.page.getByRole("button", { name: "Redo the edit of docs/notes.md" }).first().press("Enter");
    assert.deepEqual(
      (await posted()).map(({ type, calls }) => [type, calls]),
      [
        ["undoEdits", ["e1", "e2"]],
        ["redoEdits", ["e3"]],
      ],
    );
  });

  it("are not undone from a window that can't: each button says why, by mouse and by keyboard", async () => {
    await show("edits-elsewhere");
    const why = "Only the window that writes the chats can undo or redo their edits.";
    await buttons().first().waitFor();
    const all = await buttons().all();
    assert.equal(all.length, 7);
    for (const button of all) {
      assert.deepEqual(
        [await button.getAttribute("title"), await button.getAttribute("aria-description"), await button.isDisabled()],
        [why, why, true],
      );
      await button.press("Enter"); // it takes the keyboard, so that it can be read out
      await button.click({ force: true });
    }
    assert.deepEqual(await posted(), []);
    await stage().view.page.getByRole("button", { name: "Review all" }).click();
    assert.equal((await stage().posted("openChanges")).length, 1);
  });
});
