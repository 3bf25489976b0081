/** A process that is killed again and again while several chats work: nothing that it has said is lost, nothing runs twice. */
import assert from "node:assert/strict";
import path from "node:path";
import { startSimulator } from "../simulator/server";
import { randomNumbers } from "../store/random";
import { tempFolders } from "../support/agent";
import { chats, files, killLoad } from "../support/kill-load";
import { assertOutcomes, countOutcomes, createWitness } from "../support/kill-witness";
import { type Runner, serve, settingsFile, stopRunners } from "./support";

const KILLS = 24;
/** After all chats are at work the process lives for up to so long, ms: two or three steps of each. */
const LONGEST_LIFE = 900;

describe("a process that is killed at random moments while three chats work", () => {
  afterEach(stopRunners);

  it(`goes on ${KILLS} times with every row that it had, and no call runs twice`, async () => {
    const seed = Number(process.env.DISPATCH_SEED ?? Date.now() % 1_000_000);
    const random = randomNumbers(seed);
    const folders = tempFolders(files);
    const load = killLoad();
    const simulator = await startSimulator({ scenario: load.scenario });
    const witness = createWitness(simulator, folders.root);
    const log = path.join(folders.storage, "log");
    const settings = settingsFile(folders, simulator.url);
    try {
      for (let life = 1; life <= KILLS; life += 1) {
        const runner = await serve({ ...folders, settings });
        const stop = work(runner, { life, resumes: random() < 0.7 });
        await runner.until(allAtWork);
        await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_LIFE));
        stop();
        await runner.kill("SIGKILL");
        for (const message of runner.messages) witness.saw(message);
        await witness.judge(log);
      }
      load.finish();
      const runner = await serve({ ...folders, settings });
      const stop = work(runner, { life: KILLS + 1, resumes: true, startsNothing: true });
      await runner.until(({ tabs }) => tabs.every(({ status, resumable }) => status === "idle" && resumable !== true));
      stop();
      assert.equal((await runner.end()).code, 0);
      const left = await witness.judge(log);
      assertOutcomes(left, folders.root);
      const counts = countOutcomes(left);
      assert.ok((counts.done ?? 0) > KILLS && (counts.unknown ?? 0) > 0, JSON.stringify(counts));
    } catch (error) {
      console.log(`      DISPATCH_SEED=${seed}`);
      throw error;
    } finally {
      await simulator.close();
      folders.remove();
    }
  }).timeout(240_000);
});

type Manner = {
  readonly life: number;
  /** A turn that was cut is continued; else it is passed over with a new message. */
  readonly resumes: boolean;
  readonly startsNothing?: boolean;
};

const allAtWork: Parameters<Runner["until"]>[0] = ({ tabs }) =>
  tabs.length === chats.length && tabs.every(({ status }) => status === "running" || status === "needs-approval");

/** A person at all the chats: keeps each at work and allows what it asks. @returns what ends that. */
function work(runner: Runner, manner: Manner): () => void {
  /** The state that a tab had when it was last acted on: its next one comes when that has had its effect. */
  const acted = new Map<string, unknown>();
  let sent = 0;
  const act = () => {
    const { tabs, active, views } = runner.state();
    const at = tabs.findIndex(({ id }) => id === active);
    const tab = tabs[at];
    if (tab === undefined || acted.get("strip") === tabs) return;
    if (tabs.length < chats.length && manner.startsNothing !== true) {
      acted.set("strip", tabs);
      runner.say({ type: "newTab" });
      return;
    }
    const card = views.get(active)?.approvals[0];
    if (card !== undefined && acted.get(active) !== card) {
      acted.set(active, card);
      runner.say({ type: "decide", tab: active, id: card.id, answer: { kind: "allow_once" } });
    } else if (tab.status === "idle" && acted.get(active) !== tab) {
      acted.set(active, tab);
      if (tab.resumable === true && manner.resumes) runner.say({ type: "resume", tab: active });
      else if (manner.startsNothing !== true) {
        sent += 1;
        runner.say({ type: "send", tab: active, text: `task ${chats[at]}.${manner.life}.${sent}` });
      }
    } else {
      const other = tabs.find(
        (one) =>
          one !== tab && (one.status === "needs-approval" || (one.status === "idle" && acted.get(one.id) !== one)),
      );
      if (other !== undefined && card === undefined) runner.say({ type: "selectTab", tab: other.id });
    }
  };
  const timer = setInterval(act, 20);
  return () => clearInterval(timer);
}
