/** One turn: the person's message, everything of the agent, the line that sums it up. */
import type { Message, Part } from "../../src/chunks/messages";
import type { ApprovalCard, Live, TurnSummary } from "../../src/chunks/protocol";
import { assertNever } from "../../src/chunks/rows";
import { type Item, itemsOf, keyAt, type Section, type Surroundings } from "../items";
import { Markdown } from "../markdown";
import { memo } from "../memo";
import { TurnFiles } from "./edit";
import { Notice, Problem } from "./problem";
import { Thinking } from "./thinking";
import { Reads, Tool } from "./tool";
import { TurnLine } from "./turn-line";

type Props = {
  readonly tab: string;
  readonly section: Section;
  readonly live: Live | undefined;
  /** The tab's pending questions: those of other turns find no call here. */
  readonly cards: readonly ApprovalCard[];
  /** The turn is not complete here: it runs, or its end is not loaded. */
  readonly open: boolean;
  /** The turn has ended early and can go on. */
  readonly resumable: boolean;
  readonly summary: TurnSummary | undefined;
};

export const Turn = memo((props: Props) => {
  const { tab, section, live, cards, open, resumable, summary } = props;
  const messages = withTail(section, live);
  const last = messages.at(-1);
  const around: Surroundings = { live, cards, open };
  return (
    <section class={open ? "turn open" : "turn"} aria-label="Turn">
      {messages.map((message, index) => {
        const own = message === last ? around : { ...around, live: withoutBlocks(live) };
        const isLast = resumable && message === last;
        // The streaming tail has the key that it will have when it is sealed: that of the next row.
        const key = section.keys[index] ?? keyAt((section.rows.at(-1)?.seq ?? 0) + 1);
        return <MessageView key={key} {...{ tab, message, around: own, resumable: isLast }} />;
      })}
      {summary?.files !== undefined && !open && <TurnFiles tab={tab} turnId={section.turnId} files={summary.files} />}
      {summary !== undefined && !open && <TurnLine tab={tab} summary={summary} />}
    </section>
  );
});

/** Blocks that stream before their message has a row belong to a message without a seq. */
const NO_SEQ = 0;

function withTail({ turnId, messages }: Section, live: Live | undefined): readonly Message[] {
  const hasTail = live !== undefined && live.blocks.length > 0 && messages.at(-1)?.kind !== "agent";
  return hasTail ? [...messages, { kind: "agent", seq: NO_SEQ, turnId, createdAt: 0, parts: [] }] : messages;
}

function withoutBlocks(live: Live | undefined): Live | undefined {
  return live === undefined ? undefined : { ...live, blocks: [] };
}

type ViewProps = {
  readonly tab: string;
  readonly message: Message;
  readonly around: Surroundings;
  readonly resumable: boolean;
};

function MessageView({ tab, message, around, resumable }: ViewProps) {
  const places = {
    "data-turn": message.turnId,
    "data-seq": message.seq === NO_SEQ ? undefined : message.seq,
    tabIndex: -1,
  };
  switch (message.kind) {
    case "user":
      return (
        <article class="user" aria-label="You" {...places}>
          {message.text !== "" && (
            <div class="user-text" dir="auto">
              {message.text}
            </div>
          )}
          {message.context.length > 0 && <Context texts={message.context} />}
        </article>
      );
    case "agent":
      return (
        <article class="agent" aria-label="Dispatch" {...places}>
          <Items tab={tab} turn={message.turnId} parts={message.parts} around={around} resumable={resumable} />
        </article>
      );
    case "system":
      return (
        <article class="system" aria-label="Notice" {...places}>
          {message.notices.map((notice) => (
            <Notice notice={notice} />
          ))}
        </article>
      );
    default:
      return assertNever(message);
  }
}

/** What Dispatch added for the model, folded: a word about it, and the text for whoever wants to know. */
function Context({ texts }: { readonly texts: readonly string[] }) {
  const first = texts[0]?.trim().split("\n", 1)[0] ?? "";
  return (
    <details class="context">
      <summary>
        Context: <span class="dim">{texts.length > 1 ? `${first} (and ${texts.length - 1} more)` : first}</span>
      </summary>
      {texts.map((text) => (
        <pre dir="auto">{text}</pre>
      ))}
    </details>
  );
}

function Items(props: {
  readonly tab: string;
  readonly turn: string;
  readonly parts: readonly Part[];
  readonly around: Surroundings;
  readonly resumable: boolean;
}) {
  const items = itemsOf(props.parts, props.around);
  return <>{items.map((item) => drawItem(item, props.tab, props.resumable && item === items.at(-1)))}</>;
}

function drawItem(item: Item, tab: string, resumable: boolean) {
  switch (item.kind) {
    case "text":
      return <Markdown key={item.key} row={item.row} text={item.text} live={item.live} />;
    case "thinking":
      return <Thinking key={item.key} row={item.row} text={item.text} redacted={item.redacted} live={item.live} />;
    case "tool":
      return <Tool key={item.key} row={item.row} tab={tab} tool={item.tool} />;
    case "reads":
      return <Reads key={item.key} row={item.row} tab={tab} tools={item.tools} />;
    case "error":
      return <Problem key={item.key} row={item.row} tab={tab} error={item.error} resumable={resumable} />;
    case "notice":
      return <Notice key={item.key} row={item.row} notice={item.notice} />;
    default:
      return assertNever(item);
  }
}
