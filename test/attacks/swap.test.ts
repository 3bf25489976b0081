/** C4: what was looked at is something else when the call runs. Nothing is read or written through what has come in its place. */
import assert from "node:assert/strict";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { plan, runContext, useFolder } from "../tools/folder";

describe("a path that changes between the question and the act", () => {
  const folder = useFolder();
  const secret = () => {
    const file = path.join(folder().outer, "secret", "token.txt");
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, "SECRET\n");
    return file;
  };
  const swap = (name: string, target: string) => {
    rmSync(path.join(folder().root, name), { recursive: true, force: true });
    symlinkSync(target, path.join(folder().root, name));
  };
  const write = (name: string) => plan(folder().workspace, "write_file", { path: name, content: "evil\n" });

  it("a file becomes a link: it is not written through", async () => {
    const file = secret();
    folder().put("a.txt", "a\n");
    const planned = await write("a.txt");
    swap("a.txt", file);
    const output = await planned.run(runContext());
    assert.deepEqual([output.isError, readFileSync(file, "utf8")], [true, "SECRET\n"]);
  });

  it("a folder becomes a link: nothing is made behind it", async () => {
    const file = secret();
    folder().put("sub/a.txt", "a\n");
    for (const name of ["sub/a.txt", "sub/new.txt", "sub/deep/new.txt"]) {
      rmSync(path.join(folder().root, "sub"), { recursive: true, force: true });
      folder().put("sub/a.txt", "a\n");
      const planned = await write(name);
      swap("sub", path.dirname(file));
      const output = await planned.run(runContext());
      assert.equal(output.isError, true, name);
      assert.deepEqual(
        ["new.txt", "deep", "a.txt"].filter((one) => existsSync(path.join(path.dirname(file), one))),
        [],
        name,
      );
    }
  });

  it("what was missing appears as a link: nothing is written through it", async () => {
    const file = secret();
    const planned = await write("new.txt");
    swap("new.txt", file);
    const output = await planned.run(runContext());
    assert.deepEqual([output.isError, readFileSync(file, "utf8")], [true, "SECRET\n"]);
  });

  it("a file becomes another name of a protected one: the protected one keeps its text", async () => {
    const config = folder().put(".git/config", "[core]\n");
    const file = folder().put("a.txt", "[core]\n");
    const planned = await write("a.txt");
    rmSync(file);
    linkSync(config, file);
    await planned.run(runContext());
    assert.equal(readFileSync(config, "utf8"), "[core]\n");
  });

  it("a file or its folder becomes a link: it is not read through", async () => {
    const file = secret();
    folder().put("sub/token.txt", "plain\n");
    const planned = await plan(folder().workspace, "read_file", { path: "sub/token.txt" });
    renameSync(path.join(folder().root, "sub"), path.join(folder().root, "old"));
    swap("sub", path.dirname(file));
    const output = await planned.run(runContext());
    assert.doesNotMatch(output.text, /SECRET/);
    swap("token.txt", file);
    const other = await plan(folder().workspace, "read_file", { path: "old/token.txt" });
    swap("old/token.txt", file);
    assert.doesNotMatch((await other.run(runContext())).text, /SECRET/);
  });
});
