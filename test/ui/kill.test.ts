/** The extension host is killed again and again while several chats work: what VS Code starts next has all of it and goes on. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Frame } from "playwright-core";
import type { ToView } from "../../src/chunks/protocol";
import type { Simulator } from "../simulator/server";
import { randomNumbers } from "../store/random";
import { chats, files, killLoad } from "../support/kill-load";
import { assertOutcomes, countOutcomes, createWitness } from "../support/kill-witness";
import { eventually } from "./support/chat";
import { hostOf, killHost, restartHost } from "./support/extension-host";
import { type VsCode, withVsCode } from "./support/vscode";

const KILLS = 50;
/** So many crashes VS Code mends by itself; after that a person is asked. */
const RESTARTS_BY_ITSELF = 2;
/** After all chats are at work, or a call runs, the host lives for up to so long, ms. */
const LONGEST_LIFE = 400;
const script = readFileSync(path.join("test", "ui", "fixtures", "person.js"), "utf8");

describe("an extension host that is killed in the middle of turns", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "dispatch-kill-"));
  const vsix = path.join(folder, "dispatch.vsix");
  before(() => void execFileSync(process.execPath, ["scripts/package.mjs", vsix], { stdio: "ignore" }));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  it(`is followed by one that has every row and goes on, ${KILLS} times, and no call runs twice`, async () => {
    const seed = Number(process.env.DISPATCH_SEED ?? Date.now() % 1_000_000);
    const random = randomNumbers(seed);
    const load = killLoad();
    const drill = async (vscode: VsCode) => {
      const { page, simulator, storage, workspace } = vscode;
      const witness = createWitness(simulator, workspace);
      await page.exposeFunction("dispatchSaw", (message: string) => witness.saw(JSON.parse(message) as ToView));
      let judged: Promise<unknown> = Promise.resolve();
      for (let life = 1; life <= KILLS; life += 1) {
        const frame = await vscode.chat();
        await page.getByRole("tab", { name: "Dispatch", exact: true }).waitFor(); // without the number of the dead host
        await work(frame, { life, resumes: random() < 0.7 });
        await eventually("all chats are at work", () => areAtWork(frame));
        if (random() < 0.4) await runningCall(frame);
        await page.waitForTimeout(random() * LONGEST_LIFE);
        await judged;
        await killHost(hostOf(storage()));
        judged = witness.judge(storage());
        judged.catch(() => undefined); // it is awaited before the next one
        if (life > RESTARTS_BY_ITSELF) await restartHost(page);
        await eventually("the page of the dead host is gone", () => frame.isDetached());
      }
      await judged;
      load.finish();
      const frame = await vscode.chat();
      await work(frame, { life: KILLS + 1, resumes: false, once: true });
      await eventually("an end of all chats", () => answered(simulator) && areIdle(frame));
      await page.goto("about:blank");
      await eventually("the log to be closed", () => hostOf(storage()) === 0);
      const left = await witness.judge(storage());
      assertOutcomes(left, workspace);
      const counts = countOutcomes(left);
      assert.ok((counts.done ?? 0) > 0 && (counts.unknown ?? 0) > 0, JSON.stringify(counts));
    };
    try {
      await withVsCode({ name: "kill", vsix, bare: true, files, scenario: load.scenario }, drill);
    } catch (error) {
      console.log(`      DISPATCH_SEED=${seed}`);
      throw error;
    }
  }).timeout(600_000);
});

type Manner = {
  readonly life: number;
  /** A turn that was cut is continued; else it is passed over with a new message. */
  readonly resumes: boolean;
  /** Each chat gets one message and is left alone then. */
  readonly once?: boolean;
};

const work = (frame: Frame, manner: Manner): Promise<unknown> =>
  frame.evaluate(`(${script.slice(script.indexOf("function"))})(${JSON.stringify({ chats, ...manner })})`);

const statuses = (frame: Frame): Promise<readonly string[]> =>
  frame.locator("[role=tab][data-tab-id]").evaluateAll((tabs) => tabs.map((tab) => tab.dataset.status ?? ""));

/** Whether each chat has had its last answer. */
function answered(simulator: Simulator): boolean {
  const bodies = simulator.messages().filter(({ outcome }) => outcome === "complete");
  return chats.every((chat) => bodies.some(({ body }) => body.includes(`task ${chat}.${KILLS + 1}.`)));
}

const areIdle = async (frame: Frame): Promise<boolean> => (await statuses(frame)).every((status) => status === "idle");

/** Until the chat in front runs a call, or for a moment in which none began. */
async function runningCall(frame: Frame): Promise<void> {
  const call = frame.locator("[data-call-id][data-state=running]").first();
  await call.waitFor({ timeout: 1500 }).catch(() => undefined);
}

async function areAtWork(frame: Frame): Promise<boolean> {
  const all = await statuses(frame);
  return all.length === chats.length && all.every((status) => status === "running" || status === "needs-approval");
}
