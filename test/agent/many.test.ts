/** Many turns at once: none waits for another, each writes its own rows, and what stands still in one holds up no other. */
import assert from "node:assert/strict";
import type { ToView } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import type { ViewState } from "../../src/chunks/view";
import type { Reply } from "../simulator/reply";
import type { Scenario, ScenarioRequest } from "../simulator/scenario";
import { type Agent, withAgent } from "../support/agent";
import { createGate } from "../support/gate";
import { noUnhandledRejections } from "../support/loose-ends";
import { call, text } from "../support/script";
import { type Watcher, watch } from "../support/watcher";

noUnhandledRejections();

const COUNT = 24;
const names = Array.from({ length: COUNT }, (_, index) => `task ${String(index).padStart(2, "0")}`);
const look = (name: string): Reply => ({ blocks: [text(`Looking into ${name}.`), call("list_files", {})] });
const answerTo = (name: string): string => `${name}: ${"a word and another ".repeat(12)}end of ${name}`;

type Running = { readonly name: string; readonly tab: string; readonly watcher: Watcher };

/** Opens a tab for each name, watches each with a view of its own, and sends all their messages in one go. */
async function startAll(agent: Agent): Promise<readonly Running[]> {
  for (let count = 2; count <= COUNT; count += 1) {
    agent.say({ type: "newTab" });
    await agent.until(({ tabs, active, views }) => tabs.length === count && views.has(active));
  }
  const tabs = agent.state().tabs.map(({ id }) => id);
  assert.equal(tabs.length, COUNT);
  const all: Running[] = [];
  for (const [index, name] of names.entries()) {
    const tab = tabs[index] ?? "";
    all.push({ name, tab, watcher: await watch(agent.session, tab) });
  }
  for (const { watcher, tab, name } of all) watcher.say({ type: "send", tab, text: name });
  return all;
}

/** How much of its answer a view shows: of what streams, or of the row that it has become. */
function shownOf({ name, tab }: Running, state: ViewState): number {
  const seen = state.views.get(tab);
  const live = (seen?.live?.blocks ?? []).map((block) => (block.kind === "text" ? block.text : ""));
  const sealed = (seen?.rows ?? []).map((row) =>
    row.type === "text" && row.role === "assistant" ? row.data.text : "",
  );
  return Math.max(0, ...[...live, ...sealed].filter((one) => answerTo(name).startsWith(one)).map((one) => one.length));
}

const isDone =
  ({ tab }: Running) =>
  (state: ViewState) =>
    state.views.get(tab)?.turns.at(-1)?.endReason === "done" &&
    state.tabs.find(({ id }) => id === tab)?.status === "idle";

/** What a tab has been told of streaming and rows must be its own: events of other tabs would be a leak. */
function foreign({ tab, watcher }: Running): readonly ToView[] {
  return watcher.messages.filter(
    (message) => (message.type === "rows" || message.type === "live") && message.tab !== tab,
  );
}

/** Asserts that the log holds exactly this tab's own turn, in order, without gaps. */
async function assertOwnRows(agent: Agent, { name, tab }: Running): Promise<void> {
  const rows = await agent.store.rows(tab, 1, await agent.store.lastSeq(tab));
  assert.deepEqual(
    rows.map(({ seq, tabId }) => [seq, tabId]),
    rows.map((_, index) => [index + 1, tab]),
  );
  assert.deepEqual(rows.filter((row) => !isContext(row)).map(words), [
    name,
    `Looking into ${name}.`,
    "list_files",
    "[.: 2 entries]\nREADME.md  9\nsrc/",
    answerTo(name),
  ]);
}

const isContext = (row: Row): boolean => row.type === "text" && row.role === "user" && row.data.origin === "context";

function words(row: Row): string {
  if (row.type === "tool_call") return row.data.name;
  return row.type === "text" || row.type === "tool_result" ? row.data.text : row.type;
}

describe(`${COUNT} turns at once`, () => {
  it("stream in step: every tab has seen its k-th delta before any gets the next one", async () => {
    const started = createGate();
    let all: readonly Running[] = [];
    let deltas = 0;
    const scenario: Scenario = ({ userText, step }: ScenarioRequest) =>
      step === 0
        ? look(userText)
        : {
            blocks: [text(answerTo(userText))],
            async hold(sent) {
              deltas += 1;
              await started.opened();
              await Promise.all(all.map((one) => one.watcher.until((state) => shownOf(one, state) >= sent.length)));
            },
          };
    await withAgent(scenario, {}, async (agent, simulator) => {
      all = await startAll(agent);
      started.open();
      await Promise.all(all.map((one) => one.watcher.until(isDone(one))));
      assert.ok(deltas > COUNT * 20, `${deltas} events were held until all tabs had the one before`);
      for (const one of all) {
        assert.deepEqual(foreign(one), []);
        await assertOwnRows(agent, one);
      }
      assert.deepEqual(
        simulator.messages().map(({ outcome }) => outcome),
        names.flatMap(() => ["complete", "complete"]),
      );
    });
  });

  it("end while others stand still: in mid-stream, before the first word, at a question, in a retry", async () => {
    const released = createGate();
    const stuck = new Map<string, (request: ScenarioRequest) => Reply | Promise<Reply>>([
      ["task 03", ({ userText }) => ({ blocks: [text(answerTo(userText))], hold: (sent) => waitAfter(sent, 40) })],
      ["task 08", ({ userText }) => ({ blocks: [text(answerTo(userText))], hold: () => released.opened() })],
      ["task 13", () => ({ blocks: [call("run_shell", { command: "env true" })] })],
      ["task 18", () => ({ blocks: [text("no")], fault: { kind: "overloaded", seconds: 600 } })],
    ]);
    const waitAfter = (sent: string, length: number) => (sent.length < length ? Promise.resolve() : released.opened());
    const scenario: Scenario = (request) => {
      if (request.step === 0) return look(request.userText);
      const own = request.step === 1 ? stuck.get(request.userText) : undefined;
      return own?.(request) ?? { blocks: [text(answerTo(request.userText))] };
    };
    await withAgent(scenario, {}, async (agent) => {
      const all = await startAll(agent);
      const free = all.filter(({ name }) => !stuck.has(name));
      await Promise.all(free.map((one) => one.watcher.until(isDone(one))));
      for (const one of free) await assertOwnRows(agent, one);
      await agent.until(({ tabs }) => tabs.filter(({ status }) => status !== "idle").length === stuck.size);
      const held = all.filter(({ name }) => stuck.has(name));
      const stands = ["streaming", "waiting", "approval", "retrying"];
      await agent.until(({ tabs }) =>
        held.every(({ tab }, at) => tabs.find(({ id }) => id === tab)?.activity.kind === stands[at]),
      );

      released.open();
      for (const { tab, watcher } of held.slice(2)) watcher.say({ type: "stop", tab });
      await agent.until(({ tabs }) => tabs.every(({ status }) => status === "idle"));
      for (const one of held.slice(0, 2)) await assertOwnRows(agent, one);
    });
  });
});
