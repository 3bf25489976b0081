import type { ComponentChild } from "preact";
import { useMemo, useState } from "preact/hooks";
import { type Colored, highlight } from "../text/highlight";
import { post } from "../vscode";
import { IconButton } from "./icon";

/** How long the check mark stands after a copy. */
const COPIED_MS = 1500;

/** A fenced or indented block of code. Coloured once it is closed: until then each frame would colour it anew. */
export function CodeBlock(props: { readonly code: string; readonly language: string; readonly closed: boolean }) {
  const { code, language, closed } = props;
  const colored = useMemo(
    () => (closed && language !== "" ? highlight(code, language.toLowerCase()) : undefined),
    [code, language, closed],
  );
  return (
    <div class="code-block" dir="ltr">
      <div class="code-head">
        <span class="code-language">{language}</span>
        <CopyButton text={code} />
        <IconButton icon="insert" label="Insert at cursor" onClick={() => post({ type: "insert", text: code })} />
      </div>
      <pre>
        <code>{colored === undefined ? code : colored.map(span)}</code>
      </pre>
    </div>
  );
}

export function CopyButton({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    post({ type: "copy", text });
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return <IconButton icon={copied ? "check" : "copy"} label={copied ? "Copied" : "Copy"} onClick={copy} />;
}

function span(part: Colored): ComponentChild {
  return typeof part === "string" ? part : <span class={`hl-${part.scope}`}>{part.children.map(span)}</span>;
}
