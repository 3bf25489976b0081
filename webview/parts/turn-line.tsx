import { useEffect, useState } from "preact/hooks";
import { dollars } from "../../src/chunks/money";
import type { StepUsage, TurnSummary } from "../../src/chunks/protocol";
import { turnDetails } from "../state";
import { post } from "../vscode";
import { tokens, turnLine, usageDetails } from "../words";
import { Icon } from "./icon";

/** The dimmed line under a finished turn. Opened, it shows what each of its requests has used. */
export function TurnLine({ tab, summary }: { readonly tab: string; readonly summary: TurnSummary }) {
  const [isOpen, setOpen] = useState(false);
  const { turnId, endedAt } = summary;
  // A turn that was continued has more steps than before.
  useEffect(() => {
    if (isOpen) {
      post({ type: "turnDetails", tab, turnId });
    }
  }, [isOpen, tab, turnId, endedAt]);
  const steps = turnDetails.value.get(turnId);
  return (
    <>
      <p class="turn-line">
        <button
          type="button"
          class="turn-more"
          aria-expanded={isOpen}
          title={usageDetails(summary)}
          onClick={() => setOpen(!isOpen)}
        >
          {turnLine(summary)}
          <Icon name={isOpen ? "chevron-down" : "chevron-right"} />
        </button>
      </p>
      {isOpen && steps !== undefined && <StepTable steps={steps} />}
    </>
  );
}

function StepTable({ steps }: { readonly steps: readonly StepUsage[] }) {
  return (
    <div class="steps">
      <table aria-label="Requests of this turn">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" title="Tokens read from the cache">
              Read
            </th>
            <th scope="col" title="Tokens written to the cache">
              Written
            </th>
            <th scope="col" title="Tokens sent without the cache">
              Fresh
            </th>
            <th scope="col" title="Tokens of the answer">
              Answer
            </th>
            <th scope="col">Cost</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step, index) => (
            <StepRows key={`${step.step} ${step.startedAt}`} step={step} before={steps[index - 1]} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** One request; above it the model where it changes, below it why its cache was missed. */
function StepRows({ step, before }: { readonly step: StepUsage; readonly before: StepUsage | undefined }) {
  const { usage, missed, cost } = step;
  const isOther = before !== undefined && (before.model !== step.model || before.key !== step.key);
  const count = (tokensOf: number | undefined) => (
    <td title={tokensOf?.toLocaleString("en")}>{tokensOf === undefined ? "–" : tokens(tokensOf)}</td>
  );
  return (
    <>
      {isOther && (
        <tr class="step-note">
          <td colSpan={6}>
            {step.model}, key {step.key}
          </td>
        </tr>
      )}
      <tr>
        <th scope="row">{stepName(step)}</th>
        {count(usage?.read)}
        {count(usage?.written)}
        {count(usage?.fresh)}
        {count(usage?.output)}
        <td>{cost === undefined ? "–" : dollars(cost)}</td>
      </tr>
      {missed !== undefined && (
        <tr class="step-note missed">
          <td colSpan={6}>
            <Icon name="warning" /> {missed}
          </td>
        </tr>
      )}
    </>
  );
}

function stepName({ step, attempt, outcome, side }: StepUsage): string {
  const name = side === "search" ? `${step}, web search` : attempt === 1 ? String(step) : `${step}, try ${attempt}`;
  return outcome === "ok" ? name : `${name}, ${outcome === "error" ? "failed" : "stopped"}`;
}
