import assert from "node:assert/strict";
import fc from "fast-check";
import { foldTodo, noTodo, type TodoItem, todoShown } from "../../src/chunks/todo";
import { rowLog } from "../support/rows";

const item = (text: string, status: TodoItem["status"] = "pending"): TodoItem => ({ text, status });
const args = (...items: readonly TodoItem[]) => JSON.stringify({ items });

describe("the task list", () => {
  it("is the last one that was accepted, whatever comes between", () => {
    const log = rowLog();
    const first = log.turn("go");
    log
      .step()
      .call("c1", "todo", args(item("a", "in_progress"), item("b")))
      .call("c2");
    log.result("c2").result("c1");
    log.step().call("c3", "todo", '{"items": [{"text": "broken"').result("c3", "no", { isError: true });
    log.step().call("c4", "todo", args(item("later"))); // no result yet
    assert.deepEqual(log.rows.reduce(foldTodo, noTodo).list, {
      items: [item("a", "in_progress"), item("b")],
      turnId: first,
    });
    log.result("c4");
    assert.deepEqual(log.rows.reduce(foldTodo, noTodo).list?.items, [item("later")]);
  });

  it("goes when it is empty, and when all was done before another turn", () => {
    const list = (...items: readonly TodoItem[]) => ({ items, turnId: "t1" });
    const done = list(item("a", "done"), item("b", "done"));
    const half = list(item("a", "done"), item("b"));
    assert.deepEqual(
      [
        todoShown(undefined, "t1"),
        todoShown(list(), "t1"),
        todoShown(done, "t1"),
        todoShown(done, "t2"),
        todoShown(half, "t2"),
      ],
      [undefined, undefined, done, undefined, half],
    );
  });

  it("never throws, whatever a model wrote", () => {
    const status = fc.constantFrom("pending", "in_progress", "done", "x", 1);
    const anything = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ items: fc.array(fc.record({ text: fc.string(), status })) }).map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(anything, fc.boolean(), (argumentsText, isError) => {
        const log = rowLog();
        log.turn("go");
        log.step().call("c1", "todo", argumentsText).result("c1", "ok", { isError });
        const { list, open } = log.rows.reduce(foldTodo, noTodo);
        assert.equal(open.size, 0);
        if (list !== undefined) assert.deepEqual(JSON.parse(argumentsText).items.length, list.items.length);
      }),
    );
  });
});
