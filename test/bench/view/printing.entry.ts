/** Thirty chats whose commands print 1 MB a second each: the host and the view stay responsive, memory bounded, and all stop at once. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Agent } from "../../support/agent";
import type { Figure } from "../figures";
import { type BenchStage, spreadOf, withStage } from "./stage";

const COMMANDS = 30;
/** What is printed at a time, bytes, and how often, ms: 1 MB a second. */
const PART = 100_000;
const EVERY_MS = 100;
const MEASURED_MS = 10_000;

const names = Array.from({ length: COMMANDS }, (_, index) => `chat-${index}`);
const scenario = {
  turns: [{ steps: [{ blocks: [{ type: "tool_use", name: "run_shell", input: { command: "node print.cjs" } }] }] }],
};

export function bench(): Promise<readonly Figure[]> {
  return withStage(Object.fromEntries(names.map((name) => [name, []])), scenario, async (stage) => {
    const { agent, page } = stage;
    const line = `${"x".repeat(99)}\\n`;
    const code = `setInterval(() => process.stdout.write("${line}".repeat(${PART / 100})), ${EVERY_MS});`;
    writeFileSync(path.join(agent.root, "print.cjs"), code);
    const idle = await watch(stage);
    for (const name of names) await start(agent, name);
    await page.locator(`[role=tab][data-tab-id="${names[0]}"]`).evaluate((tab: HTMLElement) => tab.click());
    await page.locator(".tool-output.live").waitFor();
    await watch(stage); // until all buffers are full
    const busy = await watch(stage);
    const stopped = await stopAll(agent);
    return [
      ...lagFigures("nothing runs", idle),
      ...lagFigures(`${COMMANDS} commands print 1 MB/s each`, busy),
      {
        ...{ name: "printing: growth of the host's memory in 10 s", value: busy.growth, unit: "bytes" },
        note: "resident, after the buffers are full",
      },
      {
        name: `printing: stop all ${COMMANDS}, until each is idle`,
        value: stopped,
        unit: "ms",
        note: "aim: under 1,000",
      },
    ];
  });
}

type Watched = {
  readonly lag: { p99: number; max: number };
  readonly frames: readonly number[];
  readonly growth: number;
};

function lagFigures(when: string, { lag, frames }: Watched): readonly Figure[] {
  const { p50, p95, range } = spreadOf(frames);
  return [
    {
      name: `printing: lag of the host's event loop, p99, ${when}`,
      value: lag.p99,
      unit: "ms",
      note: `most ${lag.max.toFixed(0)} ms`,
    },
    {
      name: `printing: time between frames of the view, p95, ${when}`,
      value: p95,
      unit: "ms",
      spread: range,
      note: `median ${p50.toFixed(1)} ms`,
    },
  ];
}

/** The host runs in this process, the view in the browser's. */
async function watch({ page }: BenchStage): Promise<Watched> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const before = process.memoryUsage.rss();
  delay.enable();
  const frames = await page.evaluate(async (duration) => {
    const times: number[] = [];
    const end = performance.now() + duration;
    for (let last = performance.now(); last < end; ) {
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      times.push(now - last);
      last = now;
    }
    return times.slice(1);
  }, MEASURED_MS);
  delay.disable();
  const growth = process.memoryUsage.rss() - before;
  return { lag: { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 }, frames, growth };
}

/** Sends a message in this tab and allows its command. Resolves when it runs. */
function start(agent: Agent, tab: string): Promise<void> {
  return new Promise((resolve) => {
    const view = agent.session.attach(
      (message) => {
        const cards =
          message.type === "approvals" ? message.cards : message.type === "snapshot" ? message.window.approvals : [];
        for (const { id } of cards)
          queueMicrotask(() => view.receive({ type: "decide", tab, id, answer: { kind: "allow_once" } }));
        if (message.type !== "live" || message.event.kind !== "output") return;
        view.dispose();
        resolve();
      },
      { tab },
    );
    view.receive({ type: "ready" });
    view.receive({ type: "send", tab, text: "go" });
  });
}

/** @returns ms until every chat is idle, its rows durable and its processes gone. */
async function stopAll(agent: Agent): Promise<number> {
  const startedAt = performance.now();
  for (const tab of names) agent.say({ type: "stop", tab });
  await agent.until((state) => state.tabs.every(({ status }) => status !== "running" && status !== "needs-approval"));
  return performance.now() - startedAt;
}
