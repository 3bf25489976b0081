/** What the agent needs from its surroundings, and the session that views talk to. No VS Code, no disk in here. */

import type { ShellParser } from "../approvals/shell/parser";
import type { Mode } from "../chunks/modes";
import type { Banner, BannerCommand, HistoryEntry, Offer, StepUsage, TabStatus, ToView } from "../chunks/protocol";
import type { ModelCatalog } from "../models/catalog";
import type { Cost } from "../models/cost";
import type { KeyRing } from "../models/key-ring";
import type { SettingsState } from "../models/settings";
import type { Permission } from "../models/settings-permissions";
import type { SendRequest } from "../models/types";
import type { HistoryQuery, Store, TabModel } from "../store/types";
import type { Tool, Workspace } from "../tools/types";
import type { PermissionSettings } from "./rules";
import type { TabModels } from "./session-models";
import type { TabModes } from "./session-modes";
import type { RuleLine } from "./session-rules";
import type { UsageLine } from "./session-usage";
import type { Question } from "./turn-context";

/** Acts in the editor that a view may ask for. In the headless runner each is a no-op. */
export interface Editor {
  openFile(path: string, line?: number): void;
  /** http, https and mailto only; the editor shows the whole target before it leaves. */
  openLink(href: string): void;
  openDiff(diff: {
    readonly title: string;
    readonly path: string;
    readonly before: string;
    readonly after: string;
  }): void;
  /** All files of a turn, one below the other. */
  openChanges(changes: {
    readonly title: string;
    readonly files: readonly { readonly path: string; readonly before: string; readonly after: string }[];
  }): void;
  /** Opens text in a read-only editor. */
  openText(text: { readonly title: string; readonly text: string }): void;
  /** Types the command into a new terminal in this folder and does not run it. Refuses, in words, what a terminal would act on. */
  openTerminal(of: { readonly command: string; readonly cwd: string }): void;
  copy(text: string): void;
  insert(text: string): void;
  run(command: BannerCommand): void;
}

/** What a first chat can begin with where no key is set. */
export type Offers = {
  /** Those that are there now, the best first. May take a second. Never rejects. */
  readonly find: () => Promise<readonly Offer[]>;
  /** The person has chosen one: from now on it is in their settings. */
  readonly take: (id: string) => Promise<void>;
};

export type Surroundings = {
  readonly store: Store;
  readonly send: SendRequest;
  readonly catalog: ModelCatalog;
  /** Shared by all tabs: which keys can be used. */
  readonly keys: KeyRing;
  /** Read at each use, so that a change of the settings counts from the next step. */
  readonly settings: () => SettingsState;
  /** Whether requests can go out with the key: a secret is at hand, or its server needs none. Never the secret itself. */
  readonly hasSecret: (keyId: string) => Promise<boolean>;
  /** Absent in a window without a folder. */
  readonly workspace: Workspace | undefined;
  readonly workspaceName: string | undefined;
  /** What people have allowed and forbidden beforehand. Read at each call. Absent: nobody has written a rule. */
  readonly permissions?: () => PermissionSettings;
  /** Adds a rule to the person's own settings. Rejects with a sentence. Absent where there are none to write to. */
  readonly savePermission?: (permission: Permission) => Promise<void>;
  readonly tools: readonly Tool[];
  /** Reads commands before they are decided; undefined where it can't be loaded. Loaded at its first use. */
  readonly shellParser: () => Promise<ShellParser | undefined>;
  readonly editor: Editor;
  /** Absent where nobody could take one. */
  readonly offers?: Offers;
  /** What the surroundings themselves have to say above the composer (no trust, a key for another server). Read at each setup. */
  readonly banners?: () => Promise<readonly Banner[]>;
  /** The person has put a banner away. */
  readonly dismissed?: (banner: string) => void;
  /** Why no turn may start here at all (the folder is not trusted), in one sentence. Asked at each turn. */
  readonly blocked?: () => string | undefined;
  /** Why commands can't run in a sandbox of the system here, in one sentence; nothing: they can. Found out once, by trying. */
  readonly sandboxProblem?: () => Promise<string | undefined>;
  readonly now: () => number;
  readonly newId: () => string;
  /** For the output channel. Never given a secret. */
  readonly log: (level: "info" | "warn" | "error", message: string) => void;
};

/** One watcher of the session: a sidebar, an editor tab, a headless client. */
export interface View {
  /** Anything that arrives is checked at this border; what does not fit the protocol is logged and dropped. */
  receive(message: unknown): void;
  /** The keyboard is here: commands that name no view (`newTab`, `stop`, …) concern this one until it is disposed. */
  focus(): void;
  dispose(): void;
}

export type SessionSummary = {
  readonly running: number;
  readonly needApproval: number;
  /** Of the view that commands concern. */
  readonly activeTab: string;
};

/** What was used since midnight, by the local calendar. */
export type SpentToday = Cost & {
  /** Of all requests: what was read, in whatever way, and what was answered. */
  readonly tokens: number;
};

/** A conversation of the history list. */
export type Conversation = HistoryEntry & {
  /** Present while it is open. */
  readonly status?: TabStatus;
};

export interface Session {
  /**
   * All views without a `tab` are the chat: they show one tab together, the one that is in front again after a restart.
   * @param options `tab`: the view has this tab in front, and changes to another one alone.
   */
  attach(post: (message: ToView) => void, options?: { readonly tab?: string }): View;
  /** The settings, the secrets or the trust have changed: views get a new setup. */
  refresh(): void;
  /** Commands. They concern the view that had the keyboard last; without one, the chat. */
  newTab(): void;
  /** Closes the tab in front. While its turn runs, the view asks first. */
  closeTab(): void;
  /** Brings back the tab that was closed last. */
  reopenTab(): void;
  /** All conversations, open and closed, those with the newest activity first. */
  history(query: HistoryQuery): Promise<readonly Conversation[]>;
  /** Brings a conversation to the front, from the archive if it is closed. Why it can't be opened stands in a banner. */
  openConversation(id: string): Promise<void>;
  /**
   * Removes a conversation for ever. An open one is closed in every view, its turn stopped.
   * @returns why it is still there, in one sentence, or nothing when it is gone.
   */
  deleteConversation(id: string): Promise<string | undefined>;
  /**
   * What the tab in front asks, for whoever lets a person choose.
   * @returns why nothing can be chosen now, in one sentence, instead.
   */
  models(): Promise<TabModels | string>;
  /** The tab asks this model from its next step on. What can't be done stands in a banner. */
  selectModel(tab: string, model: TabModel): Promise<void>;
  /** Which modes the tab in front can have. May take a second, while it is found out whether there is a sandbox. */
  modes(): Promise<TabModes>;
  /** The tab is in this mode from its next call on. What can't be done stands in a banner. */
  selectMode(tab: string, mode: Mode): Promise<void>;
  /** Every rule that counts for the tab in front, with what it has decided lately. */
  rules(): Promise<readonly RuleLine[]>;
  /** Takes back what *Always allow …* or *Allow in this tab* has made. Rejects when that can't be written. */
  removeRule(line: RuleLine): Promise<void>;
  /** All that was ever used and what it cost, by chat, day, key and model; of deleted chats too. */
  usage(): Promise<readonly UsageLine[]>;
  /** Every request of an open tab, with what it read and should have read from the cache. */
  timeline(tab: string): Promise<{ readonly title: string; readonly steps: readonly StepUsage[] }>;
  /** What all chats have used since midnight. */
  spentToday(): Promise<SpentToday>;
  /** The open tab that a person should look at: one that waits for an answer, else one that runs. */
  busyTab(): string | undefined;
  /** The open tabs that wait for an answer here, in the order of the strip. */
  waiting(): readonly { readonly tab: string; readonly title: string }[];
  /** Bytes on disk of all conversations together. */
  storeSize(): Promise<number>;
  nextTab(): void;
  previousTab(): void;
  /** Stops the turn of the tab in front. */
  stop(): void;
  /** The oldest pending approval of the tab in front. */
  firstQuestion(): Pick<Question, "turnId"> | undefined;
  /** Answers it. */
  decideFirst(answer: "allow_once" | "deny"): void;
  focusComposer(): void;
  onSummary(listener: (summary: SessionSummary) => void): () => void;
  summary(): SessionSummary;
  /** Resolves when no turn runs and all that views asked for was done. A turn that waits for an answer does not count. */
  idle(): Promise<void>;
  /**
   * Interrupts every turn, so that it can be continued, and waits until all rows are durable or the disk has refused
   * them for some seconds. The store stays open: its owner closes it.
   */
  dispose(): Promise<void>;
}
