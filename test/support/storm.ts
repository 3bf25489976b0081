/** Storms of failures over many chats at once: what hits which request, and how a view drives fifty chats through them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { FromView, TurnSummary } from "../../src/chunks/protocol";
import type { ViewState } from "../../src/chunks/view";
import { openStore } from "../../src/store/open";
import type { Store } from "../../src/store/types";
import type { Fault } from "../simulator/faults";
import type { Reply } from "../simulator/reply";
import type { ScenarioFunction, ScenarioRequest } from "../simulator/scenario";
import type { Simulator } from "../simulator/server";
import { call, text } from "./script";

/** How each secret begins. It may turn up in requests and nowhere else. */
export const CANARY = "sk-canary";

export const COUNT = 50;
/** The secret of a key; all begin with the canary. */
export const secretOf = (id: string): string => `${CANARY}-${id}-${"c4n4ry".repeat(6)}`;

/** Two commands that leave a line each, then a word. */
function answer({ userText, step }: ScenarioRequest): Reply {
  if (step === 2) return { blocks: [text(`${userText} is done.`)] };
  const command = `echo "${userText}, step ${step}" >> runs.txt; env >> environments.txt`;
  return {
    blocks: [{ type: "thinking", thinking: `Step ${step}.` }, text(`I do ${step}.`), call("run_shell", { command })],
  };
}

/** A few of all requests, the same ones in each run: at this point of this conversation and this attempt. */
function isHit({ userText, step, attempt, model }: ScenarioRequest, share: number): boolean {
  let hash = 7;
  for (const letter of `${userText}/${step}/${attempt}/${model}`) hash = (hash * 31 + letter.charCodeAt(0)) % 10_007;
  return hash % 100 < share;
}

export type Storm = {
  readonly name: string;
  /** What hits a request, if anything does. */
  readonly fault: (request: ScenarioRequest) => Fault | undefined;
  /** Some requests are answered with 429, all for the same time. */
  readonly limits?: true;
  /** How the turns may end: the end, and the code of the error row if there is one. */
  readonly ends: RegExp;
};

const some =
  (share: number, ...faults: readonly Fault[]) =>
  (request: ScenarioRequest): Fault | undefined =>
    isHit(request, share)
      ? faults[(request.step + request.attempt + request.userText.length) % faults.length]
      : undefined;

export const storms: readonly Storm[] = [
  { name: "429", fault: some(35, { kind: "rate-limit", retryAfter: "ms", seconds: 0.15, times: 99 }), ends: /^done$/ },
  { name: "529", fault: some(30, { kind: "overloaded", times: 99 }), ends: /^done$/ },
  {
    name: "breaking connections",
    fault: some(
      30,
      { kind: "reset", at: "before-headers", times: 99 },
      { kind: "reset", at: "in-tool-json", times: 99 },
      { kind: "cut", after: 9, times: 99 },
      { kind: "error-event", after: 7, times: 99 },
    ),
    ends: /^done$/,
  },
  {
    name: "401 for the first key, in the second step",
    fault: ({ key, step }) => (step === 1 && key === secretOf("k1") ? { kind: "bad-key", times: 99 } : undefined),
    ends: /^error bad-key$/,
  },
];

const LIMIT_SECONDS = 3;
const limited: Fault = { kind: "rate-limit", retryAfter: "ms", seconds: LIMIT_SECONDS, times: 99 };
const shaken = some(
  25,
  { kind: "overloaded", times: 99 },
  { kind: "reset", at: "in-tool-json", times: 99 },
  { kind: "cut", after: 9, times: 99 },
  { kind: "error-event", after: 7, times: 99 },
);

/** For whoever only sees what arrives at the server: all at once, with few limits and long ones; and the refused key. */
export const seenFromOutside: readonly Storm[] = [
  {
    name: "429, 529 and breaking connections",
    fault: (request) =>
      request.step === 1 && request.attempt === 0 && /^task \d?7$/.test(request.userText) ? limited : shaken(request),
    limits: true,
    ends: /^done$/,
  },
  ...storms.filter(({ name }) => name.startsWith("401")),
];

/**
 * By what the log keeps of them: no request began after a limit of its key was known and before it was over. What was on
 * its way already is not meant.
 * @param log the folder of the log; whoever writes it may go on.
 * @param worker path of the built store-worker.js.
 */
export async function assertNoneTooEarly(log: string, worker: string): Promise<void> {
  const store = await openStore({ folder: log, worker });
  try {
    assert.deepEqual(await tooEarly(store), []);
  } finally {
    await store.close();
  }
}

async function tooEarly(store: Store): Promise<readonly string[]> {
  const tabs = await store.tabs();
  const requests = (await Promise.all(tabs.map(({ id }) => store.requests(id)))).flat();
  const limits = requests.filter(({ errorCode }) => errorCode === "rate-limit");
  assert.ok(limits.length > 0, "the storm has limits");
  return limits.flatMap((limit) =>
    requests
      .filter(({ keyId, model }) => keyId === limit.keyId && model === limit.model)
      .map(({ startedAt }) => startedAt - limit.startedAt - limit.durationMs)
      // Both clocks round.
      .filter((after) => after > 1 && after < LIMIT_SECONDS * 990)
      .map((after) => `${after} ms after a limit of ${LIMIT_SECONDS} s`),
  );
}

/** What the simulator answers in a storm. */
export const answered =
  (fault: Storm["fault"]): ScenarioFunction =>
  (request) => {
    const hit = fault(request);
    return hit === undefined ? answer(request) : { ...answer(request), fault: hit };
  };

/** One view that has one chat in front, as the sidebar and the headless runner have. */
export type Driver = {
  readonly say: (message: FromView) => void;
  readonly state: () => ViewState;
  readonly until: (holds: (state: ViewState) => boolean) => Promise<unknown>;
};

/** Runs a turn in each of fifty new tabs, all at once, allows every command, and looks at each tab. @returns how each has ended. */
export async function driveStorm(view: Driver): Promise<readonly string[]> {
  const before = view.state().tabs.length;
  for (let count = 1; count <= COUNT; count += 1) {
    view.say({ type: "newTab" });
    // One that whoever was here before has opened may come as well.
    await view.until(({ tabs }) => tabs.length >= before + count);
  }
  const ids = view
    .state()
    .tabs.map(({ id }) => id)
    .slice(-COUNT);
  const own = (state: ViewState) => state.tabs.filter(({ id }) => ids.includes(id));
  for (const [index, tab] of ids.entries()) view.say({ type: "send", tab, text: `task ${index}` });
  const hasTitles = (state: ViewState): boolean => own(state).every(({ title }) => title.startsWith("task"));
  await view.until(hasTitles);

  const asks = (state: ViewState): string | undefined => own(state).find((tab) => tab.status === "needs-approval")?.id;
  for (;;) {
    await view.until((state) => asks(state) !== undefined || own(state).every(({ status }) => status !== "running"));
    const tab = asks(view.state());
    if (tab === undefined) break;
    view.say({ type: "selectTab", tab });
    const cards = (state: ViewState) => (state.active === tab ? state.views.get(tab)?.approvals : undefined) ?? [];
    // The cards of a tab go a moment before its mark does.
    await view.until((state) => cards(state).length > 0 || asks(state) !== tab);
    const decided = cards(view.state()).map(({ id }) => id);
    for (const id of decided) view.say({ type: "decide", tab, id, answer: { kind: "allow_once" } });
    await view.until((state) => !cards(state).some(({ id }) => decided.includes(id)));
  }
  return endsOf(view, ids);
}

async function endsOf(view: Driver, tabs: readonly string[]): Promise<readonly string[]> {
  const ends: string[] = [];
  for (const tab of tabs) {
    view.say({ type: "selectTab", tab });
    const turns = (state: ViewState): readonly TurnSummary[] =>
      (state.active === tab ? state.views.get(tab)?.turns : undefined) ?? [];
    await view.until((state) => turns(state).length > 0);
    const rows = view.state().views.get(tab)?.rows ?? [];
    const codes = rows.flatMap((row) => (row.type === "error" ? [row.data.code] : []));
    ends.push([...turns(view.state()).map(({ endReason }) => endReason), ...codes].join(" "));
  }
  return ends;
}

/** What must be true of the workspace and the server after a storm with these ends. */
export function assertCalm(storm: Storm, ended: readonly string[], simulator: Simulator, workspace: string): void {
  assert.equal(ended.length, COUNT);
  assert.deepEqual(
    ended.filter((end) => !storm.ends.test(end)),
    [],
  );
  assert.ok(
    simulator.messages().every((request) => request.status !== 400),
    "every request is valid",
  );
  const runs = readFileSync(path.join(workspace, "runs.txt"), "utf8").trim().split("\n");
  assert.equal(new Set(runs).size, runs.length, "no command ran twice");
  assert.equal(runs.length, storm.ends.test("done") ? 2 * COUNT : COUNT);
  assert.ok(!readFileSync(path.join(workspace, "environments.txt"), "utf8").includes(CANARY), "no command sees a key");
}

/** All files in the folder and below, by their paths. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
