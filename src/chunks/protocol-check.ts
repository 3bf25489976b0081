/** The border to the views: what comes in is unknown until it was rebuilt here, field by field. */
import type { AskAnswer } from "./ask";
import { isMode, type Mode } from "./modes";
import type { ApprovalAnswer, BannerCommand, FromView, ModelName } from "./protocol";

export type Rejected = { readonly error: string };

/**
 * A message of a view, or one sentence that says why it is none. The answer is a fresh object that holds nothing but
 * the known fields. Never throws, whatever the value is: a getter or a proxy that throws is just not a message.
 */
export function parseFromView(value: unknown): FromView | Rejected {
  try {
    const type = member(value, "type");
    if (typeof type !== "string" || !isKnownType(type)) return { error: "The message has no known type." };
    const parsed = parsers[type](value);
    return parsed ?? { error: `The message "${type}" does not have the fields that it needs.` };
  } catch {
    return { error: "The message can't be read." };
  }
}

/** A check: the value if it fits, else `undefined`. */
type Check<T> = (value: unknown) => T | undefined;
type Checks = Readonly<Record<string, Check<unknown>>>;
type Fields<C extends Checks> = { readonly [K in keyof C]: Exclude<ReturnType<C[K]>, undefined> };

/** Characters. A message is typed or pasted by a person; an id is a UUID or a provider's call id. */
const TEXT_LIMIT = 1_000_000;
const ID_LIMIT = 200;
const TITLE_LIMIT = 200;
const PATH_LIMIT = 4_096;
const LINK_LIMIT = 8_192;
const REASON_LIMIT = 10_000;
/** More edits than a turn can make. */
const CALLS_LIMIT = 10_000;

const text = string(0, TEXT_LIMIT);
const id = string(1, ID_LIMIT);
const path = string(1, PATH_LIMIT);
const position: Check<number> = (value) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 1 ? value : undefined;

const place: Check<number> = (value) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** No message is taller than what a browser can lay out. */
const pixels: Check<number> = (value) =>
  typeof value === "number" && Math.abs(value) <= 50_000_000 ? value : undefined;

const boolean: Check<boolean> = (value) => (typeof value === "boolean" ? value : undefined);

const bannerCommand = oneOf({
  resume: true,
  "set-api-key": true,
  "open-settings": true,
  "show-log": true,
  "open-folder": true,
  "manage-trust": true,
  "search-history": true,
  "bring-history": true,
  "take-over": true,
  "select-model": true,
} satisfies Record<BannerCommand, true>);

const modelName: Check<ModelName> = (value) => {
  const names = object(value, { key: id, model: id });
  const effort = optional(value, "effort", id);
  return names && effort && { ...names, ...effort };
};

const mode: Check<Mode> = (value) => (isMode(value) ? value : undefined);

const answer: Check<ApprovalAnswer> = (value) => {
  const kind = member(value, "kind");
  if (kind === "allow_once" || kind === "allow_tab") return { kind };
  if (kind === "allow_always") {
    const choice = object(value, { choice: id });
    return choice && { kind, ...choice };
  }
  if (kind !== "deny") return undefined;
  const reason = optional(value, "reason", string(0, REASON_LIMIT));
  return reason && { kind, ...reason };
};

/** More choices than any question has. */
const CHOICES = 20;

const choices: Check<readonly number[]> = (value) => {
  if (!Array.isArray(value) || value.length > CHOICES) return undefined;
  const places = Array.from({ length: value.length }, (_, index) => place(value[index]));
  return places.every((one) => one !== undefined) ? places : undefined;
};

const askAnswer: Check<AskAnswer> = (value) => {
  const kind = member(value, "kind");
  if (kind === "skip" || kind === "nobody") return { kind };
  const fields = kind === "answer" ? object(value, { choices }) : undefined;
  const words = optional(value, "text", text);
  return fields && words && { kind: "answer", ...fields, ...words };
};

const calls: Check<readonly string[]> = (value) => {
  if (!Array.isArray(value) || value.length === 0 || value.length > CALLS_LIMIT) return undefined;
  const ids = Array.from(value, (one: unknown) => id(one));
  return ids.every((one) => one !== undefined) ? ids : undefined;
};

const parsers: { readonly [T in FromView["type"]]: (value: unknown) => Extract<FromView, { type: T }> | undefined } = {
  ready: () => ({ type: "ready" }),
  sync(value) {
    const fields = object(value, { tab: id });
    const after = optional(value, "after", place);
    return fields && after && { type: "sync", ...fields, ...after };
  },
  send: message("send", { tab: id, text }),
  stop: message("stop", { tab: id }),
  queueEdit: message("queueEdit", { tab: id, id, text }),
  queueRemove: message("queueRemove", { tab: id, id }),
  queueMove: message("queueMove", { tab: id, id, to: place }),
  sendNow(value) {
    const fields = object(value, { tab: id });
    const which = optional(value, "id", id);
    return fields && which && { type: "sendNow", ...fields, ...which };
  },
  selectModel: message("selectModel", { tab: id, model: modelName }),
  modes: () => ({ type: "modes" }),
  selectMode: message("selectMode", { tab: id, mode }),
  background: message("background", { tab: id, callId: id }),
  waitForCommand: message("waitForCommand", { tab: id, callId: id }),
  stopJob: message("stopJob", { tab: id, id }),
  retryNow: message("retryNow", { tab: id }),
  resume: message("resume", { tab: id }),
  decide: message("decide", { tab: id, id, answer }),
  answer: message("answer", { tab: id, id, answer: askAnswer }),
  undoEdits: message("undoEdits", { tab: id, calls }),
  redoEdits: message("redoEdits", { tab: id, calls }),
  draft: message("draft", { tab: id, text }),
  newTab: () => ({ type: "newTab" }),
  closeTab(value) {
    const fields = object(value, { tab: id });
    const stop = optional(value, "stop", boolean);
    return fields && stop && { type: "closeTab", ...fields, ...stop };
  },
  reopenTab: () => ({ type: "reopenTab" }),
  renameTab: message("renameTab", { tab: id, title: string(1, TITLE_LIMIT) }),
  moveTab(value) {
    const fields = object(value, { tab: id });
    const before = optional(value, "before", id);
    return fields && before && { type: "moveTab", ...fields, ...before };
  },
  dismiss: message("dismiss", { banner: id }),
  selectTab: message("selectTab", { tab: id }),
  place(value) {
    const fields = object(value, { tab: id });
    const where = optional(value, "place", (given) => object(given, { seq: position, offset: pixels }));
    return fields && where && { type: "place", ...fields, ...where };
  },
  recent: () => ({ type: "recent" }),
  offers: () => ({ type: "offers" }),
  takeOffer: message("takeOffer", { id }),
  openConversation: message("openConversation", { id }),
  turnDetails: message("turnDetails", { tab: id, turnId: id }),
  picture: message("picture", { tab: id, callId: id }),
  loadOlder: message("loadOlder", { tab: id, before: position }),
  loadNewer: message("loadNewer", { tab: id, after: place }),
  loadAround: message("loadAround", { tab: id, seq: position }),
  openFile(value) {
    const fields = object(value, { path });
    const line = optional(value, "line", position);
    return fields && line && { type: "openFile", ...fields, ...line };
  },
  openLink: message("openLink", { href: string(1, LINK_LIMIT) }),
  openDiff: message("openDiff", { tab: id, callId: id }),
  openChanges: message("openChanges", { tab: id, turnId: id }),
  openOutput: message("openOutput", { tab: id, callId: id }),
  openTerminal: message("openTerminal", { tab: id, callId: id }),
  openJob: message("openJob", { tab: id, id }),
  copy: message("copy", { text }),
  insert: message("insert", { text }),
  run: message("run", { command: bannerCommand }),
};

function isKnownType(type: string): type is FromView["type"] {
  return Object.hasOwn(parsers, type);
}

function message<T extends string, C extends Checks>(type: T, checks: C) {
  return (value: unknown): ({ readonly type: T } & Fields<C>) | undefined => {
    const fields = object(value, checks);
    return fields && { type, ...fields };
  };
}

/** Every checked member, read once each; `undefined` if one does not fit. */
function object<C extends Checks>(value: unknown, checks: C): Fields<C> | undefined {
  const entries = Object.entries(checks).map(([name, check]) => [name, check(member(value, name))] as const);
  if (entries.some(([, checked]) => checked === undefined)) return undefined;
  // The entries are exactly the members of `checks`, each through its own check; the compiler can't see that.
  return Object.fromEntries(entries) as Fields<C>;
}

/** `{}` when the member is absent, `{name: value}` when it fits, `undefined` when it does not. */
function optional<N extends string, T>(
  value: unknown,
  name: N,
  check: Check<T>,
): { readonly [K in N]?: T } | undefined {
  const given = member(value, name);
  if (given === undefined) return {};
  const checked = check(given);
  if (checked === undefined) return undefined;
  const found: { [K in N]?: T } = {};
  found[name] = checked;
  return found;
}

/** An own member of an object; never one that is inherited. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  const found: unknown = Reflect.get(value, name);
  return found;
}

function string(shortest: number, longest: number): Check<string> {
  return (value) =>
    typeof value === "string" && value.length >= shortest && value.length <= longest ? value : undefined;
}

function oneOf<T extends string>(names: Readonly<Record<T, true>>): Check<T> {
  const isName = (value: string): value is T => Object.hasOwn(names, value);
  return (value) => (typeof value === "string" && isName(value) ? value : undefined);
}
