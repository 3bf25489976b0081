import { DEFAULT_LINES, PAGE_PROPERTIES, pageRange, readPage } from "./text-pages";
import { aboutText, failure, textArgument } from "./tool-helpers";
import type { Tool } from "./types";

/** Reads on in an output that was cut. */
export const readOutput: Tool = {
  name: "read_output",
  description: `Reads the whole of an earlier output of this chat that was too long and was cut. The notice in the middle of such an output names the id and where to go on. Use this instead of running the command again.

The output comes as read_file gives a file: numbered lines, ${DEFAULT_LINES} at a time unless told, a header that says how to go on; column reads a slice of one very long line. What is there is what was printed then, also after a restart.`,
  schema: {
    type: "object",
    properties: {
      id: {
        type: "string",
        minLength: 8,
        maxLength: 64,
        description: "The id of the output, as the notice in the cut output names it.",
      },
      ...PAGE_PROPERTIES,
    },
    required: ["id"],
    additionalProperties: false,
  },
  readOnly: true,
  about: (args) => aboutText(args, "id"),
  prepare: async (args) => {
    const id = textArgument(args, "id");
    return {
      ok: true,
      effect: { kind: "none" },
      subject: { kind: "none" },
      run: async ({ wholeOutput }) => {
        const text = /^[0-9a-f]+$/.test(id) ? await wholeOutput(id) : undefined;
        if (text === undefined) return failure(gone(id), "not found");
        return readPage(text, pageRange(args), `output ${id}`, []);
      },
    };
  },
};

const gone = (id: string): string =>
  `This chat has no kept output ${JSON.stringify(id)}. Take the id from the notice in the middle of the cut output; where none stands there, run the call again with a narrower range.`;
