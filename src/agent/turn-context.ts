/** What one turn is given. The loop sees its surroundings only through this. */

import type { Grant } from "../approvals/grants";
import type { Policy } from "../approvals/policy";
import type { Ask } from "../chunks/ask";
import type { Activity, ApprovalAnswer, ApprovalCard, LiveEvent } from "../chunks/protocol";
import type { Draft, Row, ToolCall } from "../chunks/rows";
import type { Used } from "../models/cost";
import type { Settings } from "../models/settings";
import type { Op, RequestRecord, TabRecord } from "../store/types";
import type { Jobs, Prepared } from "../tools/types";
import type { AskEnd } from "./asks";
import type { Route } from "./route";
import type { TabWire } from "./tab-wire";
import type { Surroundings } from "./types";
import type { Waiter } from "./waiter";

/** A question for a person, and what they need to see to answer it. */
export type Question = {
  readonly card: ApprovalCard;
  readonly prepared: Prepared & { readonly ok: true };
  readonly turnId: string;
  /** Place of the call in its step: the cards stand in this order. */
  readonly order: number;
};

export type Turn = {
  readonly tabId: string;
  readonly turnId: string;
  /** The first step to run; above 1 when an unfinished turn is continued. */
  readonly firstStep: number;
  /** Calls of the step before `firstStep` that have neither a result nor a decision: they are asked first. */
  readonly openCalls: readonly ToolCall[];
  readonly signal: AbortSignal;
  readonly surroundings: Surroundings;
  /** Read at each step, so that a change counts from the next one. Throws never: a broken change keeps the last good state. */
  readonly settings: () => Settings;
  /** Of the tab: its own order of models, if it has one. */
  readonly tab: () => Pick<TabRecord, "models">;
  readonly route: Route;
  readonly waiter: Waiter;
  readonly wire: TabWire;
  /** What the requests of this turn have used so far, also before it was continued. */
  readonly used: () => readonly Used[];
  /** The last request of the tab with this key and model that went well. */
  readonly lastRequestTo: (keyId: string, model: string) => RequestRecord | undefined;
  /** Notices that the tab has had since it was opened: each is given once. */
  readonly told: Set<string>;
  /** Resolves when the rows are durable. */
  readonly append: (drafts: readonly Draft[], also?: readonly Op[]) => Promise<readonly Row[]>;
  /** Writes the ends of jobs and what waits in the queue as rows of this step, which has all its results. Resolves when that is durable. */
  readonly deliverWaiting: (step: number) => Promise<void>;
  /** The commands of the tab. */
  readonly jobs: Jobs;
  readonly live: (event: LiveEvent) => void;
  readonly activity: (activity: Activity) => void;
  /** Resolves with the first answer; with `stopped` when the turn is aborted before one came. */
  readonly ask: (question: Question) => Promise<ApprovalAnswer | { readonly kind: "stopped" }>;
  /** Read at each call: a change of the rules or the mode counts from the next one. */
  readonly policy: () => Promise<Policy>;
  /** The agent's own question. Resolves with the answer; with `stopped` when the turn is aborted before one came. */
  readonly askPerson: (ask: Ask) => Promise<AskEnd>;
  readonly grants: () => readonly Grant[];
  readonly addGrant: (grant: Grant) => void;
};
