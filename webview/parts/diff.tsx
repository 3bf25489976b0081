/** All changes of an edit in a box that scrolls. Drawn in pieces as they come near: what is far costs no more than its height. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { DiffLine } from "../../src/chunks/protocol";
import { Revealed } from "./revealed";

/** Lines that are drawn together. */
const PIECE = 100;
/** A piece is drawn when it is this near, so that scrolling finds it there. */
const AHEAD = "600px";

/** @param full as high as it is, for a box around it that scrolls. */
export function Diff({ lines, full = false }: { readonly lines: readonly DiffLine[]; readonly full?: boolean }) {
  const pieces = Array.from({ length: Math.ceil(lines.length / PIECE) }, (_, index) => index * PIECE);
  const digits = String(Math.max(0, ...[lines.at(-1)?.line ?? 0, lines.at(-2)?.line ?? 0])).length;
  return (
    <section
      class={full ? "diff full" : "diff"}
      style={{ "--digits": Math.max(4, digits + 1) }}
      tabIndex={full ? undefined : 0}
      aria-label="Changes"
    >
      {pieces.map((from) => (
        <Piece key={from} lines={lines} from={from} />
      ))}
    </section>
  );
}

/** Once drawn it stays, so that text can be selected across pieces. */
function Piece({ lines, from }: { readonly lines: readonly DiffLine[]; readonly from: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [isDrawn, setDrawn] = useState(from === 0);
  const count = Math.min(PIECE, lines.length - from);
  useEffect(() => {
    const element = box.current;
    if (isDrawn || element === null) {
      return;
    }
    const near = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          setDrawn(true);
        }
      },
      // The margin counts for the box that scrolls, which is the nearest one.
      { root: element.closest(".diff:not(.full), .batch-list"), rootMargin: `${AHEAD} 0px` },
    );
    near.observe(element);
    return () => near.disconnect();
  }, [isDrawn]);
  return isDrawn ? (
    <div class="diff-piece">{lines.slice(from, from + count).map(diffLine)}</div>
  ) : (
    <div ref={box} class="diff-piece" style={{ height: `${count * 1.45}em` }} />
  );
}

function diffLine(line: DiffLine) {
  if (line.kind === "gap") {
    return <div class="diff-gap">⋯ {line.text}</div>;
  }
  const sign = line.kind === "add" ? "+" : line.kind === "remove" ? "−" : " ";
  return (
    <div class={`diff-line diff-${line.kind}`}>
      <span class="diff-number">{line.line}</span>
      <span class="diff-sign">{sign}</span>
      <span class="diff-text">
        <Revealed text={line.text} />
      </span>
    </div>
  );
}
