/** What the user is told about damage. */
import path from "node:path";
import type { Loaded } from "./load";

/** @param kept the names under which the damaged files were kept; `undefined` when nothing was touched. */
export function describeRecovery(loaded: Loaded, kept: readonly string[] | undefined): readonly string[] {
  if (loaded.newer !== undefined) return [];
  const files = loaded.damaged.map(({ file, what }, index) => {
    const name = path.basename(file);
    const found = what === "foreign" ? `${name} is not a log of Dispatch` : `${name} was damaged`;
    return kept === undefined ? `${found}.` : `${found}; it is kept as ${kept[index]}.`;
  });
  return [...files, ...outcome(loaded)];
}

function outcome({ damaged, missing, tornBytes }: Loaded): readonly string[] {
  const torn =
    tornBytes > 0
      ? ["The last write before Dispatch stopped was cut short; it had not been confirmed as saved and was removed."]
      : [];
  if (missing === "unknown") return [...torn, "What could be read was restored; newer messages may be missing."];
  if (missing > 0) {
    const changes = missing === 1 ? "1 saved change" : `${missing} saved changes`;
    return [...torn, `${changes} to the log could not be read; everything else was restored.`];
  }
  return damaged.length > 0 ? [...torn, "Everything that had been saved was restored."] : torn;
}
