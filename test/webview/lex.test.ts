import assert from "node:assert/strict";
import fc from "fast-check";
import { isClosedFence, type Lexed, lex } from "../../webview/text/lex";

const pieces = fc.constantFrom(
  ..."a b c , . ! 1 2 # ## - * + > ` ``` ~~~ | --- === 1. 2) [x] [a]: ( ) < & \\ _ ** <div> </div> http://x.y".split(
    " ",
  ),
  " ",
  "  ",
  "    ",
  "\t",
  "\n",
  "\n",
  "\n\n",
  "| a | b |\n|---|---|\n",
  "```ts\n",
  "- [ ] ",
  "\r\n",
);

const strip = (lexed: Lexed) => lexed.blocks;

describe("lexing a text that grows", () => {
  it("gives at each moment what lexing the whole gives", () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        let text = "";
        let lexed: Lexed | undefined;
        for (const part of parts) {
          text += part;
          lexed = lex(text, lexed);
          assert.deepEqual(strip(lexed), strip(lex(text)), JSON.stringify(text));
        }
      }),
      { numRuns: 400 },
    );
  });

  it("keeps finished blocks as the same objects", () => {
    const first = lex("# Title\n\nOne.\n\nTwo.\n\nThr");
    const second = lex("# Title\n\nOne.\n\nTwo.\n\nThree.", first);
    assert.deepEqual(
      second.blocks.map((block, index) => block === first.blocks[index]),
      [true, true, true, false],
    );
  });

  it("takes nesting without end as plain text", () => {
    const deep = ">".repeat(5000);
    assert.deepEqual(
      lex(deep).blocks.map((block) => block.token.type),
      ["text"],
    );
  });

  it("knows a closed fence from an open one", () => {
    const fences = [
      "```ts\nx\n```",
      "```ts\nx\n```\n\n",
      "````\n```\n````",
      "```ts\nx",
      "```",
      "```ts\nx\n``",
      "    x",
      "````\n```",
    ];
    assert.deepEqual(fences.map(isClosedFence), [true, true, true, false, false, false, false, false]);
  });
});
