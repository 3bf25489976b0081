/** Files that say what building, installing, testing or starting a project runs. In small letters. */

const listed = (names: string): readonly string[] => names.trim().split(/\s+/);

export const buildFiles: readonly string[] = listed(`
  package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml pnpm-workspace.yaml
  .npmrc .yarnrc .yarnrc.yml .pnp.cjs .pnp.loader.mjs .pnpmfile.cjs bun.lock bun.lockb bunfig.toml
  deno.json deno.jsonc deno.lock nx.json turbo.json lerna.json
  makefile gnumakefile justfile .justfile cmakelists.txt cmakepresets.json cmakeuserpresets.json meson.build
  build workspace module.bazel workspace.bazel build.bazel .bazelrc
  build.rs cargo.toml cargo.lock rust-toolchain rust-toolchain.toml go.mod go.sum go.work
  pyproject.toml setup.py setup.cfg tox.ini pytest.ini noxfile.py conftest.py sitecustomize.py usercustomize.py
  poetry.lock uv.lock pdm.lock pipfile pipfile.lock
  gemfile gemfile.lock rakefile composer.json composer.lock
  pom.xml mvnw mvnw.cmd gradlew gradlew.bat gradle.properties gradle-wrapper.properties build.sbt
  nuget.config global.json packages.config mix.exs package.swift podfile podfile.lock pubspec.yaml
  stack.yaml cabal.project dune-project rebar.config deps.edn project.clj shard.yml
  dockerfile containerfile vagrantfile procfile flake.nix flake.lock shell.nix default.nix
  .tool-versions mise.toml .mise.toml docker-bake.hcl
  sconstruct wscript configure tiltfile earthfile jakefile build.sc pixi.toml dodo.py manage.py
  angular.json project.json serverless.yml serverless.yaml firebase.json netlify.toml vercel.json ansible.cfg
  phpunit.xml phpunit.xml.dist jest.config.json dotnet-tools.json compile_commands.json
`);

/** Build and install by name: `app.csproj`, `requirements-dev.txt`, `vite.config.ts`, `gulpfile.js`. */
export const buildFilePattern = new RegExp(
  [
    String.raw`\.(?:gradle|gradle\.kts|targets|props|[cvf]sproj|sln|slnx|mk|cmake|bazel|bzl|sbt|gemspec|podspec|cabal|pth|dockerfile)$`,
    String.raw`^dockerfile\.`,
    String.raw`^(?:docker-)?compose(?:\.[\w.-]+)?\.ya?ml$`,
    String.raw`^requirements[\w.-]*\.(?:txt|in)$`,
    String.raw`^taskfile(?:\.dist)?\.ya?ml$`,
    String.raw`\.(?:config|conf|workspace)\.[cm]?[jt]s$`,
    String.raw`^\.[\w-]+rc\.[cm]?[jt]s$`,
    String.raw`^(?:gulpfile|gruntfile)(?:\.\w+)*\.[cm]?[jt]s$`,
  ].join("|"),
);

/** Folders of build tools, with everything in them. */
export const buildFolders: readonly string[] = [".cargo", ".mvn", ".yarn", "gradle/wrapper", "fastlane", ".storybook"];
