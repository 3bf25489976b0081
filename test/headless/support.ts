/** The headless runner as a process: started as a person starts it, spoken to over stdio, its streams watched. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { ApprovalAnswer, ApprovalCard, FromView, ToView, TurnSummary } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import type { ViewState } from "../../src/chunks/view";
import { DIST, tempFolders } from "../support/agent";
import { createFolded } from "../support/folded";

/** The key that every runner gets in its environment. It must turn up nowhere else. */
export const SECRET = "sk-ant-canary-5e1f9c07";

export type Place = { readonly root: string; readonly storage: string };

export type RunnerOptions = Place & {
  readonly settings: string;
  /** After `--workspace`, `--storage` and `--settings`. */
  readonly args?: readonly string[];
  /** Beside the key; a name without a value is taken out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Answers questions as they come; without it they wait. */
  readonly answer?: (card: ApprovalCard) => ApprovalAnswer | undefined;
};

export type Ended = { readonly code: number | string; readonly stderr: string };

export type Runner = {
  readonly pid: number;
  /** Everything that it printed, in order. */
  readonly messages: readonly ToView[];
  /** The same, folded as a webview folds it. */
  readonly state: () => ViewState;
  readonly tab: () => string;
  readonly rows: () => readonly Row[];
  readonly cards: () => readonly ApprovalCard[];
  readonly banners: () => readonly string[];
  /** Resolves when a snapshot came after the first one: the log has changed hands. */
  readonly takenOver: () => Promise<void>;
  readonly say: (message: FromView) => void;
  /** A line as it is. */
  readonly line: (text: string) => void;
  /** Rejects with what was on stderr when the process ends before. */
  readonly until: (holds: (state: ViewState) => boolean) => Promise<void>;
  /** Sends a text to the active tab; resolves with the end of its turn, when the tab is idle. */
  readonly send: (text: string) => Promise<TurnSummary>;
  readonly resume: () => Promise<TurnSummary>;
  readonly nextTurn: () => Promise<TurnSummary>;
  readonly kill: (signal: NodeJS.Signals) => Promise<Ended>;
  /** Closes its output under it. */
  readonly hangUp: () => void;
  /** Ends stdin. */
  readonly end: () => Promise<Ended>;
  readonly ended: Promise<Ended>;
};

/** Protocol mode, after `ready` was answered. */
export async function serve(options: RunnerOptions): Promise<Runner> {
  const runner = startRunner(options);
  runner.say({ type: "ready" });
  await runner.until((state) => state.setup !== undefined);
  return runner;
}

/** The short form, or a wrong command line: runs to its end without any input. */
export async function runToEnd(options: RunnerOptions): Promise<Ended & { readonly runner: Runner }> {
  const runner = startRunner(options);
  return { ...(await runner.ended), runner };
}

const running = new Set<ChildProcess>();

/** For `afterEach`: a test that failed leaves no process behind. */
export function stopRunners(): void {
  for (const child of running) child.kill("SIGKILL");
}

export function startRunner(options: RunnerOptions): Runner {
  const own = ["--workspace", options.root, "--storage", options.storage, "--settings", options.settings];
  const child = spawn(process.execPath, [path.join(DIST, "headless.js"), ...own, ...(options.args ?? [])], {
    stdio: ["pipe", "pipe", "pipe"],
    env: environment(options.env ?? {}),
  });
  running.add(child);
  const folded = createFolded();
  const { messages, state, until, nextTurn } = folded;
  const answered = new Set<string>();
  const foreign: string[] = [];
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => undefined); // it has ended meanwhile

  const line = (text: string): void => void child.stdin.write(`${text}\n`);
  const say = (message: FromView): void => line(JSON.stringify(message));
  const receive = (text: string): void => {
    const message = asMessage(text);
    if (message === undefined) return void foreign.push(text);
    const ask = folded.receive(message);
    if (ask !== undefined) say(ask);
    for (const card of message.type === "approvals" ? message.cards : []) {
      const answer = answered.has(card.id) ? undefined : options.answer?.(card);
      if (answer === undefined) continue;
      answered.add(card.id);
      say({ type: "decide", tab: card.tab, id: card.id, answer });
    }
  };
  createInterface({ input: child.stdout }).on("line", receive);

  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      running.delete(child);
      folded.end(() => new Error(`The runner has ended. ${stderr}`));
      try {
        assert.deepEqual(foreign, [], "nothing but messages of the protocol is on stdout");
        assert.ok(!stderr.includes(SECRET) && !JSON.stringify(messages).includes(SECRET), "the key is printed nowhere");
        resolve({ code: code ?? signal ?? "", stderr });
      } catch (error) {
        reject(error);
      }
    });
  });
  ended.catch(() => undefined); // whoever waits for the end is told; a test that fails before need not

  const view = () => state().views.get(state().active);
  const acting = (message: FromView): Promise<TurnSummary> => {
    const end = nextTurn();
    say(message);
    return end;
  };
  return {
    pid: child.pid ?? 0,
    messages,
    state,
    tab: () => state().active,
    rows: () => view()?.rows ?? [],
    cards: () => view()?.approvals ?? [],
    banners: () => (state().setup?.banners ?? []).map((banner) => banner.message),
    takenOver: () => until(() => messages.filter((message) => message.type === "snapshot").length > 1),
    say,
    line,
    until,
    send: (text) => acting({ type: "send", tab: state().active, text }),
    resume: () => acting({ type: "resume", tab: state().active }),
    nextTurn,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
    hangUp: () => void child.stdout.destroy(),
    end() {
      child.stdin.end();
      return ended;
    },
    ended,
  };
}

export type TestPlace = Place & {
  readonly settings: string;
  /** Ends all runners, then takes it away. For `afterEach`. */
  readonly remove: () => void;
};

/** A workspace with a README.md, an empty storage, and settings with one key for this server. */
export function freshPlace(baseUrl: string): TestPlace {
  const { root, storage, remove } = tempFolders({ "README.md": "# Sample\n" });
  return {
    ...{ root, storage, settings: settingsFile({ root, storage }, baseUrl) },
    remove() {
      stopRunners();
      remove();
    },
  };
}

/** Writes a settings file beside the storage and gives its path. `more` replaces or adds settings by their full names. */
export function settingsFile(place: Place, baseUrl: string, more: Readonly<Record<string, unknown>> = {}): string {
  return settingsText(
    place,
    JSON.stringify({
      "dispatch.keys": [{ id: "k1", provider: "anthropic", baseUrl, env: "TEST_KEY" }],
      "dispatch.models": [{ key: "k1", model: "claude-sonnet-5-5" }],
      ...more,
    }),
  );
}

let settingsFiles = 0;

export function settingsText(place: Place, text: string): string {
  const folder = path.join(path.dirname(place.storage), "settings");
  mkdirSync(folder, { recursive: true });
  settingsFiles += 1;
  const file = path.join(folder, `${settingsFiles}.json`);
  writeFileSync(file, text);
  return file;
}

/** Texts of the assistant, in order. */
export function said(rows: readonly Row[]): readonly string[] {
  return rows.flatMap((row) => (row.role === "assistant" && row.type === "text" ? [row.data.text] : []));
}

/** `seq` from 1 without a gap. */
export function assertWhole(rows: readonly Row[]): void {
  assert.deepEqual(
    rows.map((row) => row.seq),
    rows.map((_, index) => index + 1),
  );
}

function environment(more: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  const all: NodeJS.ProcessEnv = { ...process.env, TEST_KEY: SECRET, ...more };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function asMessage(text: string): ToView | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMessage(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const TYPES: { readonly [T in ToView["type"]]: true } = {
  snapshot: true,
  window: true,
  older: true,
  newer: true,
  recent: true,
  offers: true,
  modes: true,
  turnDetails: true,
  picture: true,
  tabs: true,
  tab: true,
  setup: true,
  rows: true,
  live: true,
  approvals: true,
  turn: true,
  focusComposer: true,
  confirmClose: true,
};

function isMessage(value: unknown): value is ToView {
  return typeof value === "object" && value !== null && "type" in value && Object.hasOwn(TYPES, String(value.type));
}
