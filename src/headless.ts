/**
 * The agent without VS Code: the panel's protocol as JSON lines over stdio (docs/PROTOCOL.md). Nothing but protocol
 * messages goes to stdout; what a person should know goes to stderr.
 */
import { randomUUID } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { createSession } from "./agent/session";
import { lazyShellParser } from "./agent/shell-parser";
import type { Editor, Session, Surroundings, View } from "./agent/types";
import type { ToView } from "./chunks/protocol";
import { openSettingsFile, type SettingsFile } from "./headless/settings-file";
import { createCatalog } from "./models/catalog";
import { createKeyRing } from "./models/key-ring";
import { needsSecret } from "./models/profiles";
import { createSender } from "./models/send";
import type { KeyConfig } from "./models/types";
import { createSandbox } from "./sandbox/sandbox";
import { openStore } from "./store/open";
import type { Store } from "./store/types";
import { allTools } from "./tools";
import { createNodeWorkspace } from "./tools/node-workspace";
import { readGrammar } from "./tools/shell-grammar";

const USAGE = `usage: node dist/headless.js --workspace DIR --storage DIR --settings FILE.json
  (protocol mode)        one JSON message per line on stdin and stdout, see docs/PROTOCOL.md
  --prompt TEXT          one turn in a new tab, then exit: 0 when it ended well
  --approve all|none     with --prompt or --resume: answer every question Allow once, or Deny (default: none)
  --tab last|ID          with --prompt: send to an existing tab
  --resume               continue the unfinished turn of the newest tab, then exit`;

/** The setting row that keeps over restarts which keys are limited, and until when. */
const KEY_STATES = "keyStates";

type Options = {
  readonly workspace: string;
  readonly storage: string;
  readonly settingsFile: string;
  readonly settings: SettingsFile;
  readonly task: Task;
};

type Task =
  | { readonly kind: "serve" }
  | { readonly kind: "prompt"; readonly text: string; readonly tab: string | undefined; readonly approve: boolean }
  | { readonly kind: "resume"; readonly approve: boolean };

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  },
);

async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === "string") {
    tell(options);
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const folder = path.join(options.storage, "log");
  const store = await openStore({ folder, worker: path.join(__dirname, "store-worker.js") });
  const ended = onEnd();
  let session: Session | undefined;
  const unwatch = options.settings.watch(() => session?.refresh());
  try {
    session = await createSession(await surroundingsFor(options, store));
    return await Promise.race([runTask(session, options.task), ended.code]);
  } finally {
    ended.dispose();
    unwatch();
    await session?.dispose();
    if (store.state.kind === "blocked") tell("The log could not be written: what was not saved yet is not in it.");
    await store.close();
    process.stdin.destroy(); // an open stdin would keep the process alive
  }
}

async function surroundingsFor(options: Options, store: Store): Promise<Surroundings> {
  const { settings } = options;
  const saved = (await store.settings())[KEY_STATES];
  const keys = (): readonly KeyConfig[] => {
    const state = settings.settings();
    return state.ok ? state.settings.keys : [];
  };
  const secret = async ({ env }: KeyConfig): Promise<string | undefined> =>
    env === undefined ? undefined : process.env[env];
  const log = (level: string, message: string): void => {
    if (level !== "info") tell(message);
  };
  const save = (value: string): void => {
    if (store.state.kind !== "writer") return;
    store
      .write([{ op: "setting", key: KEY_STATES, value }])
      .catch((error: unknown) => log("warn", `What is known of the keys was not saved: ${String(error)}`));
  };
  const sandbox = createSandbox({
    root: realpathSync.native(path.resolve(options.workspace)),
    secret: [path.resolve(options.storage)],
    helpers: path.join(__dirname, "sandbox"),
  });
  return {
    store,
    send: createSender({ secret, log }),
    catalog: createCatalog({ secret }),
    keys: createKeyRing({ now: Date.now, memory: { saved, save } }),
    settings: settings.settings,
    permissions: settings.permissions,
    hasSecret: async (keyId) => {
      const key = keys().find((one) => one.id === keyId);
      return key !== undefined && (!needsSecret(key) || ((await secret(key)) ?? "") !== "");
    },
    sandboxProblem: sandbox.problem,
    workspace: createNodeWorkspace({
      sandbox,
      root: options.workspace,
      guardedPaths: [options.storage, options.settingsFile].map((own) => path.resolve(own)),
      stripEnv: () => keys().flatMap((key) => key.env ?? []),
    }),
    workspaceName: path.basename(path.resolve(options.workspace)),
    tools: allTools,
    shellParser: lazyShellParser(readGrammar(__dirname), log),
    editor: { ...noEditor, run: (command) => void (command === "take-over" && takeOver(store, log)) },
    now: Date.now,
    newId: randomUUID,
    log,
  };
}

/** Whoever sends this has asked a person. */
function takeOver(store: Store, log: (level: string, message: string) => void): void {
  const { state } = store;
  if (state.kind !== "reader" || state.doubtful === undefined) return;
  store
    .takeOver(state.doubtful)
    .catch((error: unknown) => log("warn", `The chats were not taken over: ${String(error)}`));
}

function runTask(session: Session, task: Task): Promise<number> {
  switch (task.kind) {
    case "serve":
      return serve(session);
    case "prompt":
    case "resume":
      return runOnce(session, task);
  }
}

/** Commands in, events out. Ends with stdin: turns that run are finished first, one that waits for an answer is left. */
async function serve(session: Session): Promise<number> {
  const view = session.attach(print);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "") continue;
    view.receive(parseLine(line));
  }
  await session.idle();
  view.dispose();
  return 0;
}

/** The short form: one turn, every question answered the same way. */
function runOnce(session: Session, task: Exclude<Task, { kind: "serve" }>): Promise<number> {
  return new Promise((resolve) => {
    let tab: string | undefined;
    const answered = new Set<string>();
    let failure = "";
    let isOver = false;
    const give = (why: string): void => {
      isOver = true;
      tell(why);
      resolve(1);
    };
    const start = (view: View, id: string): void => {
      tab = id;
      view.receive(task.kind === "prompt" ? { type: "send", tab: id, text: task.text } : { type: "resume", tab: id });
    };
    const view: View = session.attach((message: ToView) => {
      print(message);
      if (isOver) return;
      switch (message.type) {
        case "snapshot": {
          if (tab !== undefined) return;
          const wanted = task.kind === "resume" || (task.tab ?? "") === "last" ? message.tabs.at(-1)?.id : task.tab;
          if (wanted === undefined && message.window.rows.length === 0) return start(view, message.active);
          if (wanted === undefined) return view.receive({ type: "newTab" });
          const state = message.tabs.find((one) => one.id === wanted);
          if (state === undefined) return give(`There is no tab ${wanted}.`);
          if (task.kind === "resume" && state.resumable !== true) {
            const trouble = message.setup.banners.find((banner) => banner.id.startsWith("store:"));
            return give(trouble?.message ?? "The newest tab has no unfinished turn.");
          }
          tab = wanted; // the event "tabs" that comes next is not about a new one
          if (wanted !== message.active) view.receive({ type: "selectTab", tab: wanted });
          return start(view, wanted);
        }
        case "tabs":
          return tab === undefined ? start(view, message.active) : undefined;
        case "setup": {
          const refused = message.setup.banners.find((banner) => banner.id === "refused");
          return refused === undefined ? undefined : give(refused.message);
        }
        case "tab":
          for (const { id } of message.tab.asks ?? []) {
            if (answered.has(id)) continue;
            answered.add(id);
            view.receive({ type: "answer", tab: message.tab.id, id, answer: { kind: "nobody" } });
          }
          return;
        case "approvals":
          for (const card of message.cards) {
            if (answered.has(card.id)) continue;
            answered.add(card.id);
            view.receive({
              type: "decide",
              tab: card.tab,
              id: card.id,
              answer: { kind: task.approve ? "allow_once" : "deny" },
            });
          }
          return;
        case "rows":
          for (const row of message.rows)
            if (row.type === "error") failure = [row.data.message, row.data.advice ?? ""].join(" ").trim();
          return;
        case "turn":
          if (message.tab !== tab) return;
          return message.turn.endReason === "done"
            ? resolve(0)
            : give(failure || `The turn ended: ${message.turn.endReason}.`);
        default:
          return;
      }
    });
    view.receive({ type: "ready" });
  });
}

function tell(sentence: string): void {
  process.stderr.write(`dispatch: ${sentence}\n`);
}

function print(message: ToView): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // refused at the session's border, with a line in the log
  }
}

/** Resolves with the exit code when a signal, or the end of whoever reads our output, ends the program. */
function onEnd(): { readonly code: Promise<number>; readonly dispose: () => void } {
  let end = (_code: number): void => undefined;
  const code = new Promise<number>((resolve) => {
    end = resolve;
  });
  const onInt = (): void => end(130);
  const onTerm = (): void => end(143);
  process.on("SIGINT", onInt);
  process.on("SIGTERM", onTerm);
  process.stdout.on("error", () => end(1)); // nobody reads any more
  process.stderr.on("error", () => undefined);
  return {
    code,
    /** A second signal ends the process at once. */
    dispose() {
      process.off("SIGINT", onInt);
      process.off("SIGTERM", onTerm);
    },
  };
}

const noEditor: Editor = {
  openFile: () => undefined,
  openLink: () => undefined,
  openDiff: () => undefined,
  openChanges: () => undefined,
  openText: () => undefined,
  openTerminal: () => undefined,
  copy: () => undefined,
  insert: () => undefined,
  run: () => undefined,
};

// ---- options ---------------------------------------------------------------------------------------------------

function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        workspace: { type: "string" },
        storage: { type: "string" },
        settings: { type: "string" },
        prompt: { type: "string" },
        approve: { type: "string" },
        tab: { type: "string" },
        resume: { type: "boolean" },
      },
    });
    const { workspace, storage, settings, approve = "none" } = values;
    if (workspace === undefined || storage === undefined || settings === undefined) {
      return "--workspace, --storage and --settings are needed.";
    }
    const wrong = wrongTask(values);
    if (wrong !== undefined) return wrong;
    if (statSync(workspace, { throwIfNoEntry: false })?.isDirectory() !== true) {
      return `The workspace ${workspace} is not a folder.`;
    }
    const task: Task =
      values.resume === true
        ? { kind: "resume", approve: approve === "all" }
        : values.prompt === undefined
          ? { kind: "serve" }
          : { kind: "prompt", text: values.prompt, tab: values.tab, approve: approve === "all" };
    const source = openSettingsFile(settings);
    if (source === undefined) return `The settings file ${settings} can't be read.`;
    return { workspace, storage, settingsFile: settings, settings: source, task };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function wrongTask(values: {
  readonly prompt?: string;
  readonly approve?: string;
  readonly tab?: string;
  readonly resume?: boolean;
}): string | undefined {
  const { prompt, approve, tab, resume = false } = values;
  if (approve !== undefined && approve !== "all" && approve !== "none") return "--approve takes all or none.";
  if (prompt !== undefined && resume) return "--prompt and --resume exclude each other.";
  if (prompt?.trim() === "") return "--prompt needs a text.";
  if (approve !== undefined && prompt === undefined && !resume) return "--approve goes with --prompt or --resume.";
  if (tab !== undefined && prompt === undefined) return "--tab goes with --prompt.";
  return undefined;
}
