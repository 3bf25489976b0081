/** The whole agent without an editor, for tests: real store, real tools in a temp folder, real SDK against the simulator. */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createSession } from "../../src/agent/session";
import { lazyShellParser } from "../../src/agent/shell-parser";
import type { Session, Surroundings, View } from "../../src/agent/types";
import type { ApprovalAnswer, ApprovalCard, FromView, ToView, TurnSummary } from "../../src/chunks/protocol";
import type { Row } from "../../src/chunks/rows";
import type { ViewState } from "../../src/chunks/view";
import { createCatalog } from "../../src/models/catalog";
import { createKeyRing } from "../../src/models/key-ring";
import { createSender } from "../../src/models/send";
import { parseSettings } from "../../src/models/settings";
import type { KeyConfig, SendRequest } from "../../src/models/types";
import { openStore } from "../../src/store/open";
import type { Store } from "../../src/store/types";
import { allTools } from "../../src/tools";
import { createNodeWorkspace, type NodeWorkspaceOptions } from "../../src/tools/node-workspace";
import { readGrammar } from "../../src/tools/shell-grammar";
import type { Tool } from "../../src/tools/types";
import type { Scenario } from "../simulator/scenario";
import { type Simulator, startSimulator } from "../simulator/server";
import { createFolded } from "./folded";

/** Where `npm run build` puts the bundles, or where DISPATCH_DIST says. Tests run from the checkout. */
export const DIST = path.resolve(process.env.DISPATCH_DIST ?? "dist");
export const STORE_WORKER = path.join(DIST, "store-worker.js");
export const PAGE_WORKER = path.join(DIST, "page-worker.js");

export type Agent = {
  readonly root: string;
  readonly storage: string;
  readonly session: Session;
  readonly store: Store;
  readonly view: View;
  /** Everything that the view got. */
  readonly messages: readonly ToView[];
  /** The same, folded as a webview folds it. */
  readonly state: () => ViewState;
  readonly tab: () => string;
  readonly say: (message: FromView) => void;
  /** Sends a text to the active tab and resolves with the end of its turn. */
  readonly send: (text: string) => Promise<TurnSummary>;
  readonly resume: () => Promise<TurnSummary>;
  readonly until: (holds: (state: ViewState) => boolean) => Promise<void>;
  readonly nextTurn: () => Promise<TurnSummary>;
  readonly rows: () => Promise<readonly Row[]>;
  readonly logged: readonly string[];
  /** Stops as an orderly end of VS Code does. The folders stay. */
  readonly close: () => Promise<void>;
};

export type AgentOptions = {
  readonly simulator: Pick<Simulator, "url">;
  readonly root: string;
  readonly storage: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly tools?: readonly Tool[];
  /** Answers questions as they come; without it they wait. */
  readonly answer?: (card: ApprovalCard) => ApprovalAnswer | undefined;
  readonly secret?: string | ((key: KeyConfig) => string | undefined);
  readonly idleTimeoutMs?: number;
  readonly workspace?: Partial<NodeWorkspaceOptions>;
  /** Changes what the session gets, to let a part of it fail. */
  readonly surroundings?: (own: Surroundings) => Surroundings;
  /** Looks at requests on their way, for benchmarks. */
  readonly watch?: (send: SendRequest) => SendRequest;
};

export async function startAgent(options: AgentOptions): Promise<Agent> {
  const folder = path.join(options.storage, "log");
  mkdirSync(folder, { recursive: true });
  const store = await openStore({ folder, worker: STORE_WORKER });
  const logged: string[] = [];
  const log = (level: string, message: string) => void logged.push(`${level}: ${message}`);
  const settings = parseSettings({
    "dispatch.keys": [{ id: "k1", provider: "anthropic", baseUrl: options.simulator.url }],
    "dispatch.models": [{ key: "k1", model: "claude-sonnet-5-5" }],
    ...options.settings,
  });
  const secret = async (key: KeyConfig) =>
    typeof options.secret === "function" ? options.secret(key) : (options.secret ?? "test-key");
  const own: Surroundings = {
    store,
    catalog: createCatalog({ secret }),
    keys: createKeyRing({ now: Date.now }),
    send: (options.watch ?? ((send) => send))(
      createSender({
        secret,
        log,
        ...(options.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: options.idleTimeoutMs }),
      }),
    ),
    settings: () => settings,
    async hasSecret(id) {
      const key = settings.ok ? settings.settings.keys.find((one) => one.id === id) : undefined;
      return key !== undefined && (await secret(key)) !== undefined;
    },
    workspace: createNodeWorkspace({
      root: options.root,
      guardedPaths: [options.storage],
      stripEnv: () => [],
      pageWorker: PAGE_WORKER,
      ...options.workspace,
    }),
    workspaceName: path.basename(options.root),
    tools: options.tools ?? allTools,
    shellParser: lazyShellParser(readGrammar(DIST), log),
    editor: {
      openFile() {},
      openLink() {},
      openDiff() {},
      openChanges() {},
      openText() {},
      openTerminal() {},
      copy() {},
      insert() {},
      run() {},
    },
    now: Date.now,
    newId: randomUUID,
    log,
  };
  const session = await createSession(options.surroundings?.(own) ?? own);

  const folded = createFolded();
  const { messages, state, until, nextTurn } = folded;
  const answered = new Set<string>();
  let view: View | undefined;
  const say = (message: FromView): void => view?.receive(message);
  view = session.attach((message) => {
    const ask = folded.receive(message);
    if (ask !== undefined) say(ask);
    for (const card of message.type === "approvals" ? message.cards : []) {
      const answer = answered.has(card.id) ? undefined : options.answer?.(card);
      if (answer === undefined) continue;
      answered.add(card.id);
      queueMicrotask(() => say({ type: "decide", tab: card.tab, id: card.id, answer }));
    }
  });
  const tab = () => state().active;
  say({ type: "ready" });
  await until((now) => now.setup !== undefined);
  return {
    root: options.root,
    storage: options.storage,
    session,
    store,
    view,
    messages,
    logged,
    state,
    tab,
    say,
    until,
    nextTurn,
    send(text) {
      const end = nextTurn();
      say({ type: "send", tab: tab(), text });
      return end;
    },
    resume() {
      const end = nextTurn();
      say({ type: "resume", tab: tab() });
      return end;
    },
    rows: async () => store.rows(tab(), 1, await store.lastSeq(tab())),
    async close() {
      await session.dispose();
      await store.close();
    },
  };
}

/** Runs `use` with an agent on fresh folders; everything is closed and removed afterwards. */
export async function withAgent(
  scenario: Scenario,
  options: Partial<AgentOptions>,
  use: (agent: Agent, simulator: Simulator) => Promise<void>,
): Promise<void> {
  const folders = tempFolders({ "README.md": "# Sample\n", "src/a.js": "export const a = 1;\n" });
  const simulator = await startSimulator({ scenario });
  const agent = await startAgent({ simulator, ...folders, ...options });
  try {
    await use(agent, simulator);
  } finally {
    await agent.close();
    await simulator.close();
    folders.remove();
  }
}

/** A fresh temp folder with the given files, and one for the storage. `remove` deletes both. */
export function tempFolders(files: Readonly<Record<string, string>> = {}): {
  readonly root: string;
  readonly storage: string;
  readonly remove: () => void;
} {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), "dispatch-")));
  const root = path.join(base, "workspace");
  const storage = path.join(base, "storage");
  mkdirSync(root);
  mkdirSync(storage);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  return { root, storage, remove: () => rmSync(base, { recursive: true, force: true }) };
}

/** The rows of a tab as lines, for goldens: seq, step, role, type and what matters of the payload. */
export function rowLines(rows: readonly Row[]): string {
  return rows.map((row) => `${row.seq} ${row.step} ${row.role}/${row.type} ${payload(row)}`).join("\n");
}

function payload(row: Row): string {
  switch (row.type) {
    case "text":
      return row.role === "user" && row.data.origin === "context" ? "(context)" : JSON.stringify(row.data.text);
    case "thinking":
      return JSON.stringify(row.data.text);
    case "tool_call":
      return `${row.data.name} ${row.data.argumentsText}`;
    case "tool_result":
      return `${row.data.name} ${row.data.outcome ?? ""} ${JSON.stringify(row.data.text.slice(0, 80))}`;
    case "error":
      return `${row.data.code}: ${row.data.message}`;
    case "system":
      return `${row.data.kind}: ${row.data.text}`;
  }
}
