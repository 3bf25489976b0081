/** The documents of *Show Usage* and *Show Cache Timeline*, as Markdown. Pure: nothing here needs VS Code. */
import type { UsageLine } from "../agent/session-usage";
import { dollars } from "../chunks/money";
import type { StepUsage, Usage } from "../chunks/protocol";
import { inputOf } from "../models/cost";
import { pricesAsOf, searchPrice } from "../models/price-list";

/** Days and chats beyond these are one line. */
const mostDays = 30;
const mostChats = 30;

/** @param today in the local calendar: `2026-11-22`. */
export function usageReport(lines: readonly UsageLine[], today: string): string {
  if (lines.length === 0) return "# Usage\n\nNothing has been used yet in this workspace.\n";
  const searches = lines.reduce((sum, line) => sum + (line.searches ?? 0), 0);
  const unpriced = [...new Set(lines.flatMap(({ cost }) => cost.unpriced))];
  const days = groups(lines, ({ day }) => day).sort(([a], [b]) => (a < b ? 1 : -1));
  const [shown, older] = [days.slice(0, mostDays), days.slice(mostDays)];
  const ofToday = lines.filter(({ day }) => day === today);
  return [
    "# Usage",
    "All chats of this workspace, closed and deleted ones too. *Input* is all that a model has read: from the cache, into it, and beside it (*fresh*).",
    table("", [row("Today", ofToday), row("**All**", lines)]),
    "## By day",
    table("Day", [
      ...shown.map(([day, own]) => row(day, own)),
      ...(older.length === 0
        ? []
        : [
            row(
              `before (${older.length} days)`,
              older.flatMap(([, own]) => own),
            ),
          ]),
    ]),
    "## By model",
    table(
      "Model",
      byCost(groups(lines, ({ model }) => model)).map(([model, own]) => row(cell(model), own)),
    ),
    "## By key",
    table(
      "Key",
      byCost(groups(lines, ({ keyId }) => keyId)).map(([key, own]) => row(cell(key), own)),
    ),
    "## By chat",
    table("Chat", chats(lines)),
    [
      `Prices are those of ${pricesAsOf}, or what \`dispatch.prices\` says. They are for orientation: the bill is the provider's.`,
      searches === 0
        ? ""
        : `Of the cost, ${dollars(searches * searchPrice.usd)} are for ${count(searches)} web searches.`,
      unpriced.length === 0
        ? ""
        : `The price of ${unpriced.map(cell).join(", ")} is not known: **+ ?** stands where such tokens are not in the sum. It can be set in \`dispatch.prices\`.`,
    ]
      .filter((sentence) => sentence !== "")
      .join(" "),
  ]
    .join("\n\n")
    .concat("\n");
}

/** Every request of a chat: what it read, what it should have read, and why it did not. */
export function cacheTimeline(title: string, steps: readonly StepUsage[]): string {
  const head = `# Cache timeline\n\n${cell(title)}\n\n`;
  if (steps.length === 0) return `${head}No request has been sent yet.\n`;
  const turns = [...new Set(steps.map(({ turnId }) => turnId))];
  const missed = steps.filter((step) => step.missed !== undefined).length;
  const lines = steps.map((step) => {
    const { usage, cost, expectedRead } = step;
    const counts = [usage?.read, expectedRead, usage?.written, usage?.fresh, usage?.output].map(count);
    const place = `${turns.indexOf(step.turnId) + 1}.${step.step}${step.side === "search" ? " (web search)" : step.attempt === 1 ? "" : ` (try ${step.attempt})`}`;
    const end = step.outcome === "ok" ? "" : step.outcome === "error" ? "Failed. " : "Stopped. ";
    const words = `${end}${step.missed === undefined ? "" : cell(step.missed)}`;
    return `| ${[time(step.startedAt), place, cell(step.model), cell(step.key), ...counts, cost === undefined ? "–" : dollars(cost), words].join(" | ")} |`;
  });
  return [
    `${head}${steps.length === 1 ? "1 request" : `${steps.length} requests`}; the cache was missed ${missed === 0 ? "never" : missed === 1 ? "once" : `${missed} times`}. *Expected* is what the last request with the same model and account had read and written: all of it should be read again.`,
    [
      "| Time | Turn.Step | Model | Key | Read | Expected | Written | Fresh | Answer | Cost | |",
      "|---|---|---|---|---:|---:|---:|---:|---:|---:|---|",
      ...lines,
    ].join("\n"),
  ]
    .join("\n\n")
    .concat("\n");
}

function chats(lines: readonly UsageLine[]): readonly string[] {
  const isKnown = ({ title }: UsageLine) => title !== "";
  const all = byCost(groups(lines.filter(isKnown), ({ tabId }) => tabId));
  const [shown, rest] = [all.slice(0, mostChats), all.slice(mostChats)];
  const deleted = lines.filter((line) => !isKnown(line));
  return [
    ...shown.map(([, own]) => row(cell(own[0]?.title ?? ""), own)),
    ...(rest.length === 0
      ? []
      : [
          row(
            `${rest.length} others`,
            rest.flatMap(([, own]) => own),
          ),
        ]),
    ...(deleted.length === 0 ? [] : [row("*deleted chats*", deleted)]),
  ];
}

type Group = readonly [name: string, lines: readonly UsageLine[]];

function groups(lines: readonly UsageLine[], nameOf: (line: UsageLine) => string): Group[] {
  const found = new Map<string, UsageLine[]>();
  for (const line of lines) {
    const own = found.get(nameOf(line));
    if (own === undefined) found.set(nameOf(line), [line]);
    else own.push(line);
  }
  return [...found];
}

/** What has cost the most first; of the same cost what has read the most. */
function byCost(list: readonly Group[]): readonly Group[] {
  const weight = (lines: readonly UsageLine[]) => [usdOf(lines), inputOf(usageOf(lines))] as const;
  return list.toSorted(([, a], [, b]) => {
    const [left, right] = [weight(a), weight(b)];
    return right[0] - left[0] || right[1] - left[1];
  });
}

function table(name: string, rows: readonly string[]): string {
  const head = `| ${name} | Requests | Input | from the cache | into the cache | fresh | Output | Cost |`;
  return [head, "|---|---:|---:|---:|---:|---:|---:|---:|", ...rows].join("\n");
}

function row(name: string, lines: readonly UsageLine[]): string {
  const usage = usageOf(lines);
  const requests = lines.reduce((sum, line) => sum + line.requests, 0);
  const counts = [requests, inputOf(usage), usage.read, usage.written, usage.fresh, usage.output].map(count);
  return `| ${[name, ...counts, costOf(lines)].join(" | ")} |`;
}

function usageOf(lines: readonly UsageLine[]): Usage {
  return lines.reduce(
    (sum, { usage }) => ({
      fresh: sum.fresh + usage.fresh,
      read: sum.read + usage.read,
      written: sum.written + usage.written,
      output: sum.output + usage.output,
    }),
    { fresh: 0, read: 0, written: 0, output: 0 },
  );
}

function usdOf(lines: readonly UsageLine[]): number {
  return lines.reduce((sum, { cost }) => sum + cost.usd, 0);
}

function costOf(lines: readonly UsageLine[]): string {
  const isWhole = lines.every(({ cost }) => cost.unpriced.length === 0);
  const usd = usdOf(lines);
  return isWhole ? dollars(usd) : usd === 0 ? "?" : `${dollars(usd)} + ?`;
}

function count(tokens: number | undefined): string {
  return tokens === undefined ? "–" : tokens.toLocaleString("en");
}

function time(at: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Text of a person or a server as text: no markup, no second column, no second line. */
function cell(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .trim()
    .replaceAll(/[\\`*_{}[\]()#+!|<>~&:]/g, (sign) => `&#${sign.codePointAt(0)};`);
}
