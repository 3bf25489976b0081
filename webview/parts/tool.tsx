/** A tool call: one line, which opens to its arguments, its output and who let it run. */
import { useState } from "preact/hooks";
import { ASK_USER } from "../../src/chunks/ask";
import { todoItems, todoTool } from "../../src/chunks/todo";
import type { ToolView } from "../items";
import { memo } from "../memo";
import { activeAsks } from "../state";
import { excerpt } from "../text/excerpt";
import { revealText, stripTerminal } from "../text/reveal";
import { decisionLine, objectText, readsLine, toolArguments, toolIcon, toolObject, toolVerb } from "../tools";
import { post } from "../vscode";
import { duration, plural } from "../words";
import { Approval } from "./approval";
import { AskCard } from "./ask";
import { EditDone } from "./edit";
import { Icon, IconButton } from "./icon";
import { Link } from "./link";
import { useNow } from "./now";
import { PathText } from "./path-text";
import { Picture } from "./picture";
import { InTerminal, TextButton } from "./text-button";
import { TodoItems } from "./todo";

const OUTPUT = { lines: 24, characters: 6000 };
/** Last lines of a running command that are shown while it runs. */
const LIVE_LINES = 5;

type Props = { readonly tab: string; readonly tool: ToolView };
type Placed = { readonly row?: number | undefined };

export const Tool = memo(({ tab, tool, row }: Props & Placed) => {
  const [open, setOpen] = useState(false);
  const object = toolObject(tool.name, tool.argumentsText);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div
      role="group"
      aria-label={`${tool.name}: ${objectText(object)}`}
      class="tool"
      data-row={row}
      data-call-id={tool.callId}
      data-state={tool.state}
    >
      <ToolLine tool={tool} open={open} toggle={() => setOpen(!open)} />
      {tool.state === "running" && tool.live !== undefined && <LiveOutput text={tool.live.output} />}
      {tool.state === "running" && tool.live?.movable === true && <Move tab={tab} callId={tool.callId} />}
      {tool.state === "error" && !open && <FirstLine tool={tool} />}
      {tool.state === "done" && tool.result?.edit !== undefined && <EditDone tab={tab} tool={tool} />}
      {open && <ToolBody tab={tab} tool={tool} />}
      {tool.name === ASK_USER && tool.state === "running" && <Asked tab={tab} callId={tool.callId} />}
      {tool.card !== undefined && <Approval key={tool.card.id} card={tool.card} />}
    </div>
  );
});

/** Apart, so that only a call that asks listens to what is asked. */
function Asked({ tab, callId }: { readonly tab: string; readonly callId: string }) {
  const ask = activeAsks.value.find((one) => one.callId === callId);
  return ask === undefined ? null : <AskCard key={ask.id} tab={tab} ask={ask} />;
}

/**
 * Finished reading calls as one line. The single lines stay in the accessibility tree while they are folded: the fold
 * saves space on the screen, a screen reader jumps from group to group anyway.
 */
export function Reads({ tab, tools, row }: { readonly tab: string; readonly tools: readonly ToolView[] } & Placed) {
  const [open, setOpen] = useState(false);
  const line = readsLine(tools);
  return (
    <div class="reads" data-row={row}>
      <button type="button" class="tool-line reads-line" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="search" />
        <span class="tool-words">{line}</span>
        <Icon name={open ? "chevron-down" : "chevron-right"} />
      </button>
      <div class={open ? "reads-list" : "reads-list folded"}>
        {tools.map((tool) => (
          <Tool key={tool.callId} tab={tab} tool={tool} />
        ))}
      </div>
    </div>
  );
}

function ToolLine(props: { readonly tool: ToolView; readonly open: boolean; readonly toggle: () => void }) {
  const { tool, open, toggle } = props;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a larger target for the pointer; the button at its end is for all
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div class="tool-line" onClick={toggle}>
      <StateIcon tool={tool} />
      <span class="tool-words">
        {toolVerb(tool)} <ObjectView tool={tool} />
      </span>
      <span class="tool-result">
        <Summary tool={tool} />
      </span>
      <IconButton
        icon={open ? "chevron-down" : "chevron-right"}
        label={open ? "Hide details" : "Show details"}
        expanded={open}
        onClick={toggle}
      />
    </div>
  );
}

function StateIcon({ tool }: { readonly tool: ToolView }) {
  switch (tool.state) {
    case "running":
      return <Icon name="loading" spin />;
    case "error":
      return <Icon name={isUnknown(tool) ? "question" : "error"} />;
    case "denied":
    case "cancelled":
      return <Icon name="circle-slash" />;
    default:
      return <Icon name={toolIcon(tool.name)} />;
  }
}

function ObjectView({ tool }: { readonly tool: ToolView }) {
  const object = toolObject(tool.name, tool.argumentsText);
  switch (object.kind) {
    case "file":
      return (
        <Link target={{ kind: "file", path: object.path, ...(object.line === undefined ? {} : { line: object.line }) }}>
          <PathText path={revealText(object.path)} range={object.range} />
        </Link>
      );
    case "command":
      return <code dir="ltr">{revealText(objectText(object))}</code>;
    default:
      return <span>{revealText(objectText(object))}</span>;
  }
}

function Summary({ tool }: { readonly tool: ToolView }) {
  const { result } = tool;
  if (tool.state === "running") {
    return <Elapsed since={tool.live?.startedAt} />;
  }
  if (result === undefined) {
    return tool.state === "cancelled" ? <>no result</> : null;
  }
  const words =
    tool.state === "denied" ? "denied" : isUnknown(tool) ? "outcome unknown" : (result.summary ?? bare(tool));
  // What was denied has not run: the time is that of the question.
  const ran = tool.state === "denied" ? 0 : (result.durationMs ?? 0);
  const time = ran >= 1000 ? duration(ran) : "";
  return <>{[words, time].filter((part) => part !== "").map(signed)}</>;
}

/** Counts of added and removed lines in their colours; the sign says it too. */
function signed(text: string, index: number) {
  return (
    <>
      {index > 0 && " · "}
      {text.split(/([+−-]\d+)/).map((part) => {
        const kind = /^\+\d/.test(part) ? "added" : /^[−-]\d/.test(part) ? "removed" : undefined;
        return kind === undefined ? part : <span class={kind}>{part}</span>;
      })}
    </>
  );
}

function bare(tool: ToolView): string {
  return tool.state === "error" ? "failed" : tool.state === "cancelled" ? "cancelled" : "";
}

/** The seconds that a call has been running, from the third on. */
function Elapsed({ since }: { readonly since: number | undefined }) {
  const now = useNow(1000);
  const seconds = since === undefined ? 0 : Math.floor((now - since) / 1000);
  return seconds < 2 ? null : <span>{seconds < 60 ? `${seconds} s` : duration(seconds * 1000)}</span>;
}

function LiveOutput({ text }: { readonly text: string }) {
  const lines = stripTerminal(text)
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-LIVE_LINES)
    .join("\n");
  return lines === "" ? null : (
    <pre class="tool-output live" dir="ltr">
      {revealText(lines)}
    </pre>
  );
}

function Move({ tab, callId }: { readonly tab: string; readonly callId: string }) {
  return (
    <p class="tool-move">
      <TextButton label="Move to background" onClick={() => post({ type: "background", tab, callId })} />
    </p>
  );
}

function FirstLine({ tool }: { readonly tool: ToolView }) {
  const line = stripTerminal(tool.result?.text ?? "")
    .trim()
    .split("\n", 1)[0];
  return line === undefined || line === "" ? null : <p class="tool-error">{revealText(line)}</p>;
}

function ToolBody({ tab, tool }: Props) {
  const { result } = tool;
  const decision = result?.decision;
  const items = tool.name === todoTool ? todoItems(tool.argumentsText) : undefined;
  return (
    <div class="tool-body">
      {items === undefined ? <Arguments text={tool.argumentsText} /> : <TodoItems items={items} />}
      {result !== undefined && <Output text={result.text} />}
      {result?.image !== undefined && (
        <Picture
          tab={tab}
          callId={tool.callId}
          image={result.image}
          name={objectText(toolObject(tool.name, tool.argumentsText))}
        />
      )}
      <div class="tool-foot">
        {decision !== undefined && <span>{decisionLine(decision)}</span>}
        {tool.name === "run_shell" && <InTerminal tab={tab} callId={tool.callId} />}
        {result !== undefined && result.text !== "" && (
          <TextButton
            label="Open all in editor"
            onClick={() => post({ type: "openOutput", tab, callId: tool.callId })}
          />
        )}
      </div>
    </div>
  );
}

function Arguments({ text }: { readonly text: string }) {
  const entries = Object.entries(toolArguments(text));
  return (
    <dl class="tool-arguments">
      {entries.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd dir="auto">
            <Long text={argumentText(value)} />
          </dd>
        </>
      ))}
    </dl>
  );
}

/** A list has a line for each entry, what has names a line for each of them. */
function argumentText(value: unknown): string {
  if (typeof value === "string") {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(argumentText).join("\n");
  }
  return value !== null && typeof value === "object"
    ? Object.entries(value)
        .map(([name, part]) => `${name}: ${argumentText(part)}`)
        .join("\n")
    : JSON.stringify(value);
}

function Output({ text }: { readonly text: string }) {
  const shown = stripTerminal(text);
  return (
    <pre class="tool-output" dir="ltr">
      {shown.trim() === "" ? <span class="dim">No output</span> : <Long text={shown} />}
    </pre>
  );
}

/** The first and the last lines, with what is left out between them. */
function Long({ text }: { readonly text: string }) {
  const part = excerpt(text, OUTPUT);
  return (
    <>
      {revealText(part.head)}
      {part.tail !== undefined && (
        <>
          <span class="left-out">
            {part.hiddenLines > 1 ? plural(part.hiddenLines, "line") : plural(part.hiddenCharacters, "character")} not
            shown
          </span>
          {revealText(part.tail)}
        </>
      )}
    </>
  );
}

function isUnknown(tool: ToolView): boolean {
  return tool.result?.outcome === "unknown";
}
