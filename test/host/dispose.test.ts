import assert from "node:assert/strict";
import { createDisposableList, createListeners } from "../../src/host/dispose";

describe("a list of disposables", () => {
  it("ends its items in reverse order, once, and a late one at once", () => {
    const ended: string[] = [];
    const list = createDisposableList();
    const item = (name: string) => ({ name, dispose: () => ended.push(name) });
    assert.equal(list.push(item("first")).name, "first");
    list.push(item("second"));
    list.dispose();
    list.dispose();
    list.push(item("late"));
    assert.deepEqual(ended, ["second", "first", "late"]);
  });
});

describe("listeners", () => {
  it("hear each value until they are taken off, also in the middle of a call", () => {
    const heard: string[] = [];
    const { on, fire } = createListeners<number>();
    const once = on((value) => {
      heard.push(`once ${value}`);
      once.dispose();
    });
    on((value) => heard.push(`always ${value}`));
    fire(1);
    fire(2);
    assert.deepEqual(heard, ["once 1", "always 1", "always 2"]);
  });
});
