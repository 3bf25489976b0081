import assert from "node:assert/strict";
import fc from "fast-check";
import { call, useFolder } from "./folder";

describe("read_file on very long lines", () => {
  const folder = useFolder();
  const read = async (args: object) => (await call(folder().workspace, "read_file", { path: "min.js", ...args })).text;

  it("reads a line on by slices, as the marks say, until all of it was there", async () => {
    const line = `${"😀".repeat(20_005)}${"y".repeat(9)}${"z".repeat(150_000)}`;
    folder().put("min.js", `// first\n${line}\r\nlast\n`);
    const first = await read({});
    const mark = /\[\.\.\. [\d,]+ more characters on this line: go on with offset (\d+) and column (\d+) \.\.\.\]/.exec(
      first,
    );
    const shown = [first.slice(first.indexOf("2\t") + 2, mark?.index)];
    let next = mark;
    const headers: string[] = [];
    while (next !== null) {
      const text = await read({ offset: Number(next[1]), column: Number(next[2]) });
      const end = text.indexOf("\n");
      headers.push(text.slice(0, end));
      shown.push(text.slice(end + 1));
      next = /go on with offset (\d+) and column (\d+)/.exec(text.slice(0, end));
    }
    assert.equal(shown.join(""), line);
    assert.deepEqual(headers.slice(0, 1).concat(headers.slice(-1)), [
      "[min.js: line 2 of 3, columns 2001-22000 of 190,019; go on with offset 2 and column 22001]",
      "[min.js: line 2 of 3, columns 182001-190019 of 190,019]",
    ]);
  });

  it("says when a column is past the end, and reads an empty line", async () => {
    folder().put("min.js", "abc\n\n");
    assert.deepEqual(
      [
        await read({ column: 2 }),
        await read({ column: 4 }),
        await read({ offset: 2, column: 1 }),
        await read({ offset: 3, column: 1 }),
      ],
      [
        "[min.js: line 1 of 2, columns 2-3 of 3]\nbc",
        "Line 1 of min.js has only 3 characters; column 4 is past its end.",
        "[min.js: line 2 of 2, columns 1-0 of 0]\n",
        "min.js has only 2 lines; offset 3 is past its end. Read again with a smaller offset.",
      ],
    );
  });

  it("splits no character, wherever a slice begins", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom("a", "😀"), minLength: 1, maxLength: 30 }),
        fc.nat(),
        async (line, at) => {
          folder().put("min.js", line);
          const [, slice = ""] = (await read({ column: 1 + (at % line.length) })).split("\n");
          assert.doesNotMatch(slice, /\p{Surrogate}/u);
          assert.ok(line.endsWith(slice));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("says what a binary file is and how to get at it", async () => {
    const { put, workspace } = folder();
    const zeros = Buffer.alloc(8);
    const files = {
      "a.png": Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), zeros]),
      "b.pdf": Buffer.from("%PDF-1.7\n\xe2\xe3\xcf\xd3", "latin1"),
      "c.zip": Buffer.from("PK\x03\x04\0\0", "latin1"),
      "d.tar": Buffer.concat([Buffer.alloc(257), Buffer.from("ustar"), zeros]),
      e: Buffer.concat([Buffer.from("\x7fELF", "latin1"), zeros]),
      f: zeros,
    };
    for (const [name, bytes] of Object.entries(files)) put(name, bytes);
    const texts = await Promise.all(Object.keys(files).map((name) => call(workspace, "read_file", { path: name })));
    const other =
      "Use run_shell with a program that understands it, such as file or xxd, if you need something from it.";
    assert.deepEqual(
      texts.map(({ text }) => text),
      [
        "a.png is a PNG image (16 bytes). The model of this chat is not given images. Use run_shell with a program that reads it (file, identify, tesseract).",
        "b.pdf is a PDF document (13 bytes), not text. Use run_shell with pdftotext to get its text.",
        "c.zip is a ZIP archive or an office document (6 bytes), not text. Use run_shell to list it (unzip -l).",
        "d.tar is a tar archive (270 bytes), not text. Use run_shell to list or unpack it (unzip -l, tar -tf).",
        `e is a Linux program or library (12 bytes), not text. ${other}`,
        `f is not UTF-8 or UTF-16 text (8 bytes): a binary file or another encoding. ${other}`,
      ],
    );
  });
});
