/** Where ripgrep is on this machine. */
import { accessSync, constants, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const NAME = process.platform === "win32" ? "rg.exe" : "rg";

/** The places in a VS Code installation, newest layout first. @param appRoot `vscode.env.appRoot` */
export function ripgrepOfEditor(appRoot: string): readonly string[] {
  const modules = ["node_modules", "node_modules.asar.unpacked"].map((name) => path.join(appRoot, name));
  const places = [
    path.join("@vscode", "ripgrep-universal", "bin", `${process.platform}-${process.arch}`, NAME),
    path.join("@vscode", "ripgrep", "bin", NAME),
    path.join("vscode-ripgrep", "bin", NAME),
  ];
  return modules.flatMap((folder) => places.map((place) => path.join(folder, place)));
}

/**
 * The first of the given files that can be run, then the one of the package beside this code, then the one on PATH.
 * Only absolute folders of PATH count: with `.` in it a workspace could bring its own.
 */
export function findRipgrep(places: readonly string[], searchPath: string | undefined): string | undefined {
  const onPath = (searchPath ?? "").split(path.delimiter).filter(path.isAbsolute);
  const candidates = [...places, ...ofPackage(), ...onPath.map((folder) => path.join(folder, NAME))];
  return candidates.find(isProgram);
}

function ofPackage(): readonly string[] {
  try {
    const name = `@vscode/ripgrep-${process.platform}-${process.arch}/bin/${NAME}`;
    return [createRequire(__filename).resolve(name)];
  } catch {
    return [];
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
