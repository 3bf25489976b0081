/**
 * What streaming costs: bytes over the bridge, frames of the page, the event loop of the host, while one and while ten
 * tabs stream 200 deltas a second each. The host shares its process with the driver of the browser, which adds to its lag.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ToView } from "../../../src/chunks/protocol";
import type { ViewState } from "../../../src/chunks/view";
import { dailyTurns } from "../../support/seed";
import type { Figure } from "../figures";
import { type BenchStage, openTab, spreadOf, withStage } from "./stage";
import { withTasks } from "./trace";

const TABS = Array.from({ length: 10 }, (_, index) => `tab-${index}`);
const DELTAS_PER_SECOND = 200;
const SECONDS = 8;
/** Rows of the tab that is watched, as when it has been worked in for a while. */
const ROWS = 1_000;
const LOOP_MS = 10;

export async function bench(): Promise<readonly Figure[]> {
  const tabs = Object.fromEntries(TABS.map((id) => [id, dailyTurns(id === TABS[0] ? ROWS : 40, id, false)]));
  const posted: ToView[] = [];
  const call = { type: "tool_use", name: "list_files", input: {} };
  const step = { blocks: [{ type: "text", text: ANSWER }, call], pace: 1_000 / DELTAS_PER_SECOND };
  // More steps than are watched: the turns in the log may end before their answer, then these come as their next ones.
  const scenario = { turns: [], otherwise: { steps: Array.from({ length: 20 }, () => step) } };
  return withStage(
    tabs,
    scenario,
    async (stage) => {
      await openTab(stage.page, TABS[0] ?? "");
      const idle = await during(stage, []);
      posted.length = 0;
      const one = await during(stage, TABS.slice(0, 1));
      const bytes = bytesOf(posted, stage);
      const ten = await during(stage, TABS);
      return [
        ...bytes,
        ...framesOf("nothing streams", idle),
        ...framesOf("one tab streams", one, idle),
        ...framesOf("ten tabs stream", ten, idle),
        ...lagOf("nothing streams", idle),
        ...lagOf("one tab streams", one),
        ...lagOf("ten tabs stream", ten),
      ];
    },
    (message) => posted.push(message),
  );
}

type Seen = {
  readonly frames: readonly number[];
  readonly long: readonly number[];
  /** Processor time of each task of the page, ms. */
  readonly tasks: readonly number[];
  /** Processor time of the host, ms for each second. */
  readonly work: number;
  readonly lag: { readonly p50: number; readonly p99: number; readonly max: number };
};

/** Watches the page and the host for some seconds in which these tabs stream. */
async function during({ page, agent }: BenchStage, tabs: readonly string[]): Promise<Seen> {
  for (const tab of tabs) agent.say({ type: "send", tab, text: "Go on" });
  const streaming = ({ tabs: all }: ViewState) => all.filter((tab) => tab.activity.kind === "streaming").length;
  const failed = (state: ViewState) => state.tabs.some((tab) => tab.status === "error");
  await agent.until((state) => failed(state) || streaming(state) === tabs.length);
  if (failed(agent.state())) throw new Error(agent.logged.join("\n"));
  const loop = monitorEventLoopDelay({ resolution: LOOP_MS });
  const before = process.cpuUsage();
  loop.enable();
  const { result, tasks } = await withTasks(page, () => page.evaluate(watchFrames, SECONDS * 1_000));
  loop.disable();
  const { user, system } = process.cpuUsage(before);
  for (const tab of tabs) agent.say({ type: "stop", tab });
  await agent.session.idle();
  const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - LOOP_MS);
  const work = (user + system) / 1_000 / SECONDS;
  return {
    ...result,
    tasks,
    work,
    lag: { p50: ms(loop.percentile(50)), p99: ms(loop.percentile(99)), max: ms(loop.max) },
  };
}

/** In the page: the times between its frames and its long tasks, ms. */
async function watchFrames(forMs: number): Promise<{ readonly frames: number[]; readonly long: number[] }> {
  const [frames, long]: [number[], number[]] = [[], []];
  const observer = new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration)));
  observer.observe({ entryTypes: ["longtask"] });
  const start = performance.now();
  let last = start;
  while (last - start < forMs) {
    const now = await new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now())));
    frames.push(now - last);
    last = now;
  }
  observer.disconnect();
  return { frames, long };
}

function framesOf(what: string, { frames, long, tasks }: Seen, base?: Seen): readonly Figure[] {
  const { p50, p95, range } = spreadOf(frames.slice(1));
  const before = base === undefined ? undefined : spreadOf(base.frames.slice(1)).p95;
  return [
    { name: `view: time of a frame, ${what}, p50`, value: p50, unit: "ms", spread: range },
    { name: `view: time of a frame, ${what}, p95`, value: p95, unit: "ms" },
    ...(before === undefined
      ? []
      : [
          {
            name: `view: time of a frame, ${what} / nothing streams, p95`,
            value: p95 / before,
            unit: "ratio",
          } as const,
        ]),
    {
      name: `view: long tasks, ${what}`,
      value: long.length,
      unit: "count",
      note: `over 50 ms on the clock in ${SECONDS} s, the longest ${Math.round(Math.max(0, ...long))} ms; aim: none`,
    },
    {
      name: `view: longest task, ${what}`,
      value: Math.max(...tasks),
      unit: "ms",
      note: "processor time, which other work of the machine does not add to; aim: under 50",
    },
  ];
}

function lagOf(what: string, { lag, work }: Seen): readonly Figure[] {
  return [
    { name: `host: lag of the event loop, ${what}, p50`, value: lag.p50, unit: "ms" },
    {
      name: `host: lag of the event loop, ${what}, p99`,
      value: lag.p99,
      unit: "ms",
      spread: [lag.p50, lag.max],
      note: "spread is p50 to the largest",
    },
    { name: `host: processor time in a second, ${what}`, value: work, unit: "ms" },
  ];
}

/** Beside it what it would be if the whole state were posted at each update, as peers do. */
function bytesOf(posted: readonly ToView[], { agent }: BenchStage): readonly Figure[] {
  const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  const total = (messages: readonly ToView[]) => messages.reduce((sum, message) => sum + size(message), 0);
  const live = posted.filter((message) => message.type === "live" && message.event.kind === "delta");
  const text = live.map((message) =>
    message.type === "live" && message.event.kind === "delta" ? message.event.text : "",
  );
  const characters = text.join("").length;
  const deltas = characters / CHARACTERS_PER_DELTA;
  const sealed = posted.filter((message) => message.type === "rows");
  const rows = sealed.flatMap((message) => (message.type === "rows" ? message.rows : []));
  const bare = rows.reduce((sum, row) => sum + size(row), 0);
  const whole = size({ tabs: agent.state().tabs, rows: dailyTurns(ROWS, TABS[0] ?? "", false), live: text.join("") });
  const perDelta = total(live) / deltas;
  const perRow = total(sealed) / rows.length;
  return [
    {
      name: "bridge: bytes per delta",
      value: perDelta,
      unit: "bytes",
      note: `of ${CHARACTERS_PER_DELTA.toFixed(1)} characters, ${(deltas / live.length).toFixed(1)} of them in each message`,
    },
    { name: "bridge: bytes per sealed row", value: perRow, unit: "bytes" },
    { name: "bridge: bytes per sealed row / the row alone", value: total(sealed) / bare, unit: "ratio" },
    {
      name: `bridge: bytes of the whole state at ${ROWS} rows`,
      value: whole,
      unit: "bytes",
      note: "what peers post at each update",
    },
    { name: "bridge: whole state / per delta", value: whole / perDelta, unit: "ratio" },
    { name: "bridge: whole state / per sealed row", value: whole / perRow, unit: "ratio" },
  ];
}

const PARAGRAPHS = Array.from(
  { length: 6 },
  (_, index) =>
    `${index + 1}. The **loader** reads \`src/part-${index}/file.ts:12\` first. ${"Some words about why that is slow. ".repeat(3)}`,
);
const CODE = Array.from(
  { length: 40 },
  (_, index) => `const value${index} = compute(${index}, "step ${index}"); // ${index}`,
);
/** Some seconds of a stream: a list, then code that grows line by line until it is closed and coloured. */
const ANSWER = `${PARAGRAPHS.join("\n")}\n\n\`\`\`ts\n${CODE.join("\n")}\n\`\`\`\n\nThat is the file.`;
/** As the simulator cuts it. */
const CHARACTERS_PER_DELTA = ANSWER.length / (ANSWER.match(/\s?\S{1,6}|\s+/gu) ?? []).length;
