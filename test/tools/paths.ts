/**
 * Paths that try to escape or to reach files that weaken decisions, with what must become of them. Where `link` stands,
 * the test has made `links/out` (to a folder outside), `links/file` (to a file outside), `links/new` (to an outside file
 * that does not exist), `links/git` (to `.git`), `links/loop` and, beside the workspace, `workspace-evil` and a link
 * `way-in` that leads into the workspace.
 */
export type PathCase = {
  readonly path: string;
  /** `plain`: inside, not guarded. `guarded`: asked each time. `outside`: asked. `refused`: an error for the model. */
  readonly expected: "plain" | "guarded" | "outside" | "outside-guarded" | "refused";
  readonly because: string;
};

const plain = [
  ".",
  "src/app.ts",
  "./src/../src/app.ts",
  "src//app.ts",
  "a b/ü.txt",
  "gitignore",
  "src/environment.ts",
  "..hidden/x",
  "x/.github/ISSUE.md",
  "vscode/settings.json",
  "my.git/config.txt",
  "docs/agents.txt",
  "src/git.ts",
];

const guarded = [
  ".vscode/settings.json",
  ".vscode/tasks.json",
  ".vscode/new/file.txt",
  "packages/a/.vscode/launch.json",
  ".VSCode/Settings.JSON",
  ".vscode",
  ".vscode\\.\\.\\settings.json",
  "src\\..\\.git\\config",
  "src/../.git/config",
  ".GIT/hooks/x",
  ".git",
  "sub/.git",
  ".git/hooks/pre-commit",
  ".git/config",
  ".gitattributes",
  ".gitmodules",
  "x/.gitmodules",
  "project.code-workspace",
  "a/B.Code-Workspace",
  ".github/workflows/ci.yml",
  ".gitlab-ci.yml",
  "AGENTS.md",
  "docs/agents.md",
  "CLAUDE.md",
  ".github/copilot-instructions.md",
  ".mcp.json",
  ".cursor/mcp.json",
  ".cursor/rules/x.mdc",
  ".clinerules",
  ".clinerules/a.md",
  ".clinerules-code",
  ".roo/rules.md",
  ".husky/pre-commit",
  ".env",
  ".env.local",
  "api/.ENV.production",
  "package.json",
  "web/package.json",
  "package-lock.json",
  "yarn.lock",
  "pnpm-lock.yaml",
  "Cargo.toml",
  "build.rs",
  "Makefile",
  "app.csproj",
  "build.gradle.kts",
  "pyproject.toml",
  ".npmrc",
  ".yarnrc.yml",
  ".bashrc",
  "home/.zshrc",
  ".profile",
  "links/git/config",
  ".git /config",
  ".git./config",
  ".g\u200cit/config",
  "．git/config",
  "GIT~1/config",
  "VSCODE~1/settings.json",
  "file.txt:stream",
  ".git::$INDEX_ALLOCATION/config",
  "CON",
  "src/aux.c",
  "com1.txt",
  "NUL",
  "name.",
  "...",
  "name ",
];

const outside = [
  "..",
  "../x",
  "src/../../x",
  "../workspace-evil/x",
  "../workspace-evil",
  "/etc/hosts",
  "/",
  "links/out/file.txt",
  "links/out/new/deep.txt",
  "links/file",
  "links/new",
  "../way-in/src/app.ts",
];

const outsideGuarded = [
  "../.bashrc",
  "/root/.ssh/authorized_keys",
  "../other/.git/config",
  "../storage/log/journal",
  "/root/.config/fish/config.fish",
];

const refused = [
  "",
  "a\0b",
  "~/.ssh/id_rsa",
  "~",
  "\\\\?\\C:\\x",
  "\\\\.\\pipe\\x",
  "//?/x",
  "//./x",
  "file:///etc/passwd",
  "vscode-remote://x/y",
  "\ud800",
  "links/loop",
  "links/loop/x",
  `${"x".repeat(5_000)}`,
  `a/${"y".repeat(300)}`,
];

export const pathCases: readonly PathCase[] = [
  ...plain.map((path) => ({ path, expected: "plain", because: "an ordinary file" }) as const),
  ...guarded.map(
    (path) =>
      ({ path, expected: "guarded", because: "lets something run later, or is another file elsewhere" }) as const,
  ),
  ...outside.map(
    (path) => ({ path, expected: "outside", because: "written or real path leaves the workspace" }) as const,
  ),
  ...outsideGuarded.map(
    (path) => ({ path, expected: "outside-guarded", because: "leaves the workspace and is guarded" }) as const,
  ),
  ...refused.map((path) => ({ path, expected: "refused", because: "no tool can use it" }) as const),
];
