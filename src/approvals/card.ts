/** The question that a person sees. Everything that a model wrote passes through `reveal` here. */
import type { Effect } from "../chunks/effect";
import type { ApprovalCard, DiffLine, Subject } from "../chunks/protocol";
import { assertNever } from "../chunks/rows";
import type { Verdict } from "./decide";
import { type Revealed, reveal } from "./reveal";

export type CardInput = {
  readonly effect: Effect;
  readonly subject: Subject;
  readonly verdict: Extract<Verdict, { kind: "ask" }>;
};

/** What the caller adds is what the answer is bound to: the hash of `approvalKey` as id, the tab, the call, the tool. */
export type CardText = Omit<ApprovalCard, "id" | "tab" | "callId" | "tool">;

/** The words of the card. The subject is shown with hidden characters made visible; a sentence in `risk` says so. */
export function describeCall({ effect, subject, verdict }: CardInput): CardText {
  const shown = revealSubject(subject);
  const risk = [verdict.risk, ...warnings(shown.parts)].join(" ");
  const card = { title: titleOf(subject, effect), subject: shown.subject, risk };
  return verdict.tabScope === undefined ? card : { ...card, tabScope: verdict.tabScope };
}

/** In the mode Sandboxed auto only. */
function placeOf(effect: Effect): string {
  const place = effect.kind === "run" ? effect.sandbox : undefined;
  if (place === undefined) return "";
  return place === "in" ? " in the sandbox" : ", outside the sandbox";
}

function titleOf(subject: Subject, effect: Effect): string {
  switch (subject.kind) {
    case "command":
      return `Run this command${subject.background === true ? " in the background" : ""}${placeOf(effect)}?`;
    case "job":
      return subject.act === "stop" ? "Stop this background command?" : "Read the output of this background command?";
    case "edit":
      if (!("inside" in effect) || effect.inside) return subject.isNew ? "Create this file?" : "Edit this file?";
      return subject.isNew ? "Create a file outside the workspace?" : "Edit a file outside the workspace?";
    case "path":
      return "inside" in effect && effect.inside ? PATH_INSIDE[subject.verb] : PATH_OUTSIDE[subject.verb];
    case "net":
      return NET_TITLES[subject.act];
    case "none":
      return "Do this?";
    default:
      return assertNever(subject);
  }
}

const PATH_INSIDE = {
  read: "Read this file?",
  list: "List this folder?",
  search: "Search this folder?",
} as const;

const PATH_OUTSIDE = {
  read: "Read outside the workspace?",
  list: "List a folder outside the workspace?",
  search: "Search outside the workspace?",
} as const;

const NET_TITLES = {
  page: "Fetch this page?",
  captions: "Fetch the captions of this video?",
  search: "Search the web for this?",
} as const;

function revealSubject(subject: Subject): { readonly subject: Subject; readonly parts: readonly Revealed[] } {
  switch (subject.kind) {
    case "command": {
      const [command, cwd] = [reveal(subject.command), reveal(subject.cwd)];
      return { subject: { ...subject, command: command.text, cwd: cwd.text }, parts: [command, cwd] };
    }
    case "edit": {
      const path = reveal(subject.path);
      const lines = subject.diff.map((line) => ({ line, shown: reveal(line.text) }));
      const diff: readonly DiffLine[] = lines.map(({ line, shown }) => ({ ...line, text: shown.text }));
      const changed = lines.filter(({ line }) => line.kind === "add" || line.kind === "remove");
      return { subject: { ...subject, path: path.text, diff }, parts: [path, ...changed.map(({ shown }) => shown)] };
    }
    case "path": {
      const path = reveal(subject.path);
      return { subject: { ...subject, path: path.text }, parts: [path] };
    }
    case "net": {
      const [text, host] = [reveal(subject.text), reveal(subject.host)];
      return { subject: { ...subject, text: text.text, host: host.text }, parts: [text, host] };
    }
    case "none":
      return { subject, parts: [] };
    case "job": {
      const id = reveal(subject.id);
      return { subject: { ...subject, id: id.text }, parts: [id] };
    }
    default:
      return assertNever(subject);
  }
}

function warnings(parts: readonly Revealed[]): readonly string[] {
  const hidden = parts.reduce((sum, part) => sum + part.hidden, 0);
  const found: string[] = [];
  if (hidden > 0) found.push("Contains invisible characters, shown as ‹U+…›.");
  if (parts.some((part) => part.padded)) found.push("Contains long runs of blanks, shown as their number.");
  return found;
}
