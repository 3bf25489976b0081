import { ASK_USER, type AskAnswer, type AskChoice } from "../chunks/ask";
import { assertNever } from "../chunks/rows";
import { aboutText, failure, textArgument } from "./tool-helpers";
import type { Prepared, Tool, ToolOutput } from "./types";

/** Characters of an answer that the line of the call shows. */
const SUMMARY = 60;
/** A pasted answer is given to the model whole as far as a model can use it. */
const LIMITS = { characters: 100_000, lines: 5_000 };

/** Asks the person, and waits for the answer. Nothing happens by it outside the chat. */
export const askUser: Tool = {
  name: ASK_USER,
  description: `Asks the person one question and waits for the answer, which may take long. They see the question with your choices and can always answer in their own words instead.

Use it when the answer decides what you do next, you can't find it out yourself, and a wrong guess would cost them. Give two to six choices that differ in what you would do, the one that you would take first, and say in the description what it means. Don't ask for permission this way: calls that need it are asked by themselves. Don't ask what the files can tell you.`,
  schema: {
    type: "object",
    properties: {
      question: {
        type: "string",
        minLength: 1,
        maxLength: 1_000,
        description: "One question, which can be understood without reading back.",
      },
      choices: {
        type: "array",
        minItems: 2,
        maxItems: 6,
        description: "The answers that you can think of, the one that you would take first.",
        items: {
          type: "object",
          properties: {
            label: { type: "string", minLength: 1, maxLength: 80, description: "The answer in a few words." },
            description: { type: "string", maxLength: 300, description: "What would follow from it, in a sentence." },
          },
          required: ["label"],
          additionalProperties: false,
        },
      },
      several: { type: "boolean", description: "More than one may be chosen. Default false." },
    },
    required: ["question", "choices"],
    additionalProperties: false,
  },
  readOnly: true,
  asksPerson: true,
  about: (args) => aboutText(args, "question"),
  prepare: async (args): Promise<Prepared> => {
    const question = textArgument(args, "question");
    const choices: readonly AskChoice[] = Array.isArray(args.choices) ? args.choices : []; // checked by the schema
    return {
      ok: true,
      effect: { kind: "none" },
      subject: { kind: "none" },
      run: async ({ ask }) => outputOf(await ask({ question, choices, several: args.several === true }), choices),
    };
  },
};

function outputOf(answer: AskAnswer | { readonly kind: "stopped" }, choices: readonly AskChoice[]): ToolOutput {
  switch (answer.kind) {
    case "answer": {
      const chosen = answer.choices.flatMap((place) => choices[place]?.label ?? []);
      const own = answer.text?.trim() ?? "";
      const parts = [
        ...(chosen.length === 0 ? [] : [`The person chose: ${chosen.join("; ")}`]),
        ...(own === "" ? [] : [`${chosen.length === 0 ? "The person answered" : "and said"}: ${own}`]),
      ];
      const words = [...chosen, ...(own === "" ? [] : [own])].join("; ").replace(/\s+/g, " ");
      const summary = words.length > SUMMARY ? `${words.slice(0, SUMMARY - 1)}…` : words;
      return { text: parts.join("\n"), isError: false, summary, limits: LIMITS };
    }
    case "skip":
      return {
        text: "The person leaves the decision to you. Decide as you think best, go on, and say in the end what you decided.",
        isError: false,
        summary: "left to the agent",
      };
    case "nobody":
      return {
        text: "No person is there to answer. Decide as you think best, go on, and say in the end what you decided.",
        isError: false,
        summary: "nobody there",
      };
    case "stopped":
      return { ...failure("The person did not answer.", "no answer"), unanswered: true };
    default:
      return assertNever(answer);
  }
}
