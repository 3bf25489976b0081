/**
 * The agent without VS Code: the panel's protocol as JSON lines over stdio (docs/PROTOCOL.md). Nothing but protocol
 * messages goes to stdout; what a person should know goes to stderr.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { createSession } from "./agent/session";
import type { Editor, Session, View } from "./agent/types";
import type { ToView } from "./chunks/protocol";
import { createSender } from "./models/send";
import { parseSettings, type SettingsState } from "./models/settings";
import { openStore } from "./store/open";
import { allTools } from "./tools";
import { createNodeWorkspace } from "./tools/node-workspace";

const USAGE = `usage: node dist/headless.js --workspace DIR --storage DIR --settings FILE.json
  (protocol mode)        one JSON message per line on stdin and stdout, see docs/PROTOCOL.md
  --prompt TEXT          one turn in a new tab, then exit: 0 when it ended well
  --approve all|none     with --prompt or --resume: answer every question Allow once, or Deny (default: none)
  --tab last|ID          with --prompt: send to an existing tab
  --resume               continue the unfinished turn of the newest tab, then exit`;

type Options = {
  readonly workspace: string;
  readonly storage: string;
  readonly settings: SettingsState;
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
    process.stderr.write(`dispatch: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);

async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === "string") {
    process.stderr.write(`dispatch: ${options}\n${USAGE}\n`);
    return 2;
  }
  const folder = path.join(options.storage, "log");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const store = await openStore({ folder, worker: path.join(__dirname, "store-worker.js") });
  const secret = (name: string | undefined): string | undefined => (name === undefined ? undefined : process.env[name]);
  const keyById = (id: string) =>
    options.settings.ok ? options.settings.settings.keys.find((key) => key.id === id) : undefined;
  const log = (level: string, message: string): void => {
    if (level !== "info") process.stderr.write(`dispatch: ${message}\n`);
  };
  const session = await createSession({
    store,
    send: createSender({ secret: async (key) => secret(key.env), log }),
    settings: () => options.settings,
    hasSecret: async (keyId) => (secret(keyById(keyId)?.env) ?? "") !== "",
    workspace: createNodeWorkspace({
      root: realpathSync(options.workspace),
      guardedPaths: [path.resolve(options.storage)],
      stripEnv: () => (options.settings.ok ? options.settings.settings.keys.flatMap((key) => key.env ?? []) : []),
    }),
    workspaceName: path.basename(path.resolve(options.workspace)),
    tools: allTools,
    editor: noEditor,
    now: Date.now,
    newId: randomUUID,
    log,
  });
  const signalled = onSignals();
  try {
    return await Promise.race([runTask(session, options.task), signalled.code]);
  } finally {
    signalled.dispose();
    await session.dispose();
    await store.close();
  }
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

/** Commands in, events out. Ends with stdin: turns that run are finished first, one that waits for an answer is stopped. */
async function serve(session: Session): Promise<number> {
  const view = session.attach(print);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "") continue;
    view.receive(parseLine(line));
  }
  await new Promise<void>((resolve) => {
    const done = (): void => {
      if (session.summary().running === 0) resolve();
    };
    session.onSummary(done);
    done();
  });
  view.dispose();
  return 0;
}

/** The short form: one turn, every question answered the same way. */
function runOnce(session: Session, task: Exclude<Task, { kind: "serve" }>): Promise<number> {
  return new Promise((resolve) => {
    let tab: string | undefined;
    const answered = new Set<string>();
    const give = (why: string): void => {
      process.stderr.write(`dispatch: ${why}\n`);
      resolve(1);
    };
    const start = (view: View, id: string): void => {
      tab = id;
      view.receive(task.kind === "prompt" ? { type: "send", tab: id, text: task.text } : { type: "resume", tab: id });
    };
    const view: View = session.attach((message: ToView) => {
      print(message);
      switch (message.type) {
        case "snapshot": {
          const wanted = task.kind === "resume" || (task.tab ?? "") === "last" ? message.tabs.at(-1)?.id : task.tab;
          if (wanted === undefined && message.window.rows.length === 0) return start(view, message.active);
          if (wanted === undefined) return view.receive({ type: "newTab" });
          const state = message.tabs.find((one) => one.id === wanted);
          if (state === undefined) return give(`there is no tab ${wanted}`);
          if (task.kind === "resume" && state.resumable !== true) return give("the newest tab has no unfinished turn");
          if (wanted !== message.active) view.receive({ type: "selectTab", tab: wanted });
          return start(view, wanted);
        }
        case "tabs":
          return tab === undefined ? start(view, message.active) : undefined;
        case "setup": {
          const refused = message.setup.banners.find((banner) => banner.id === "refused");
          return refused === undefined ? undefined : give(refused.message);
        }
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
        case "turn":
          if (message.tab === tab) resolve(message.turn.endReason === "done" ? 0 : 1);
          return;
        default:
          return;
      }
    });
    view.receive({ type: "ready" });
  });
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

function onSignals(): { readonly code: Promise<number>; readonly dispose: () => void } {
  let onSignal = (_signal: NodeJS.Signals): void => undefined;
  const code = new Promise<number>((resolve) => {
    onSignal = (signal) => resolve(signal === "SIGINT" ? 130 : 143);
  });
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    code,
    dispose() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

const noEditor: Editor = {
  openFile: () => undefined,
  openLink: () => undefined,
  openDiff: () => undefined,
  openText: () => undefined,
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
      return "--workspace, --storage and --settings are needed";
    }
    if (approve !== "all" && approve !== "none") return "--approve takes all or none";
    if (values.prompt !== undefined && values.resume === true) return "--prompt and --resume exclude each other";
    const task: Task =
      values.resume === true
        ? { kind: "resume", approve: approve === "all" }
        : values.prompt === undefined
          ? { kind: "serve" }
          : { kind: "prompt", text: values.prompt, tab: values.tab, approve: approve === "all" };
    return { workspace, storage, settings: readSettings(settings), task };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readSettings(file: string): SettingsState {
  const text = readFileSync(file, "utf8");
  try {
    const raw: unknown = JSON.parse(text);
    if (typeof raw === "object" && raw !== null && !Array.isArray(raw))
      return parseSettings(Object.fromEntries(Object.entries(raw)));
    return { ok: false, message: `${file} must hold one JSON object with settings by their full names.` };
  } catch (error) {
    return { ok: false, message: `${file} is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
