import { posix } from "node:path";
import ts from "typescript";
import { layers, plugInLayers } from "./layers.ts";

/** A file under src/; `path` is relative to it, with forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

const PLATFORM = new Set(["Date", "performance", "console", "Intl", "globalThis"]);
const LOCALE = /^(localeCompare|toLocale\w*)$/;
const OVERRULE = /@ts-(?:ignore|expect-error|nocheck)|biome-ignore/g;

/** Every breach of the house rules in these files, as "path:line what is wrong". */
export function breaches(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const layer = layers[layerOf(source.path)];
    if (layer === undefined) return [`${source.path} is in no layer of src/tidy/layers.ts`];
    const found = [...importBreaches(source), ...barrelBreaches(source)];
    if (layer.pure && !isTest(source.path)) found.push(...impurities(source));
    return found;
  });
}

/** Breaches that show only in the listing: what a plug-in folder must have, and be listed in. */
export function plugInBreaches(paths: readonly string[], sources: readonly Source[]): string[] {
  return Object.keys(plugInLayers).flatMap((layer) => {
    const folders = new Set(paths.map(plugInOf).filter((id) => id?.startsWith(`${layer}/`)));
    const registry = sources.find(({ path }) => path === `${layer}/registry.ts`);
    const listed = new Set(registry && importsOf(parse(registry)).map(targetIn(registry)));
    const found: string[] = [];
    for (const folder of folders) {
      if (!listed.has(`${folder}/index.ts`)) found.push(`${folder} is not in ${layer}/registry.ts`);
      if (layer === "system" && !paths.includes(`${folder}/README.md`)) {
        found.push(`${folder} has no README.md`);
      }
    }
    return found;
  });
}

/** How often these files switch a check off. */
export function overrules(sources: readonly Source[]): number {
  let count = 0;
  for (const source of sources) {
    count += source.text.match(OVERRULE)?.length ?? 0;
    walk(parse(source), (node) => {
      if (ts.isAsExpression(node) && node.type.kind === ts.SyntaxKind.AnyKeyword) count += 1;
    });
  }
  return count;
}

function importBreaches(source: Source): string[] {
  return importsOf(parse(source)).flatMap((found) => {
    const why = wrongWith(source.path, found.specifier);
    return why === null ? [] : [`${source.path}:${found.line} imports ${found.specifier}: ${why}`];
  });
}

/** Why a file may not import this, or null when it may. */
function wrongWith(path: string, specifier: string): string | null {
  const own = layerOf(path);
  const law = layers[own];
  if (law === undefined) return "the file is in no layer";
  if (specifier.split("/").includes("..")) return "../ is never written";
  if (!specifier.startsWith("./") && !specifier.startsWith("#")) {
    const name = packageOf(specifier);
    return isTest(path) || law.packages.includes(name) ? null : `${own} does not use ${name}`;
  }
  if (!/\.\w+(\?\w+)?$/.test(specifier)) return "the file's extension is missing";
  if (isTest(path)) return null;

  const target = targetOf(path, specifier);
  const theirs = layerOf(target);
  if (theirs === own) {
    const isBelow = target.startsWith(`${posix.dirname(path)}/`);
    if (specifier.startsWith("#") && isBelow) return "from the same folder it is written ./";
  } else {
    if (specifier.startsWith("./")) return `another layer is written #${target}`;
    if (!law.may.includes(theirs) && !law.may.includes(target)) return `${own} may not know it`;
  }
  if (specifier.endsWith("?raw")) return null; // The text of a file is data, not code.
  return wrongDoor(path, target);
}

function wrongDoor(path: string, target: string): string | null {
  const plugIn = plugInOf(target);
  if (plugIn === null || plugIn === plugInOf(path)) return null;
  const [own, theirs] = [layerOf(path), layerOf(target)];
  if (own === theirs && plugInOf(path) !== null) return "a plug-in never imports a sibling";
  const doors = ["index.ts", ...(plugInLayers[theirs]?.doors[own] ?? [])];
  const isDoor = doors.some((door) => target === `${plugIn}/${door}`);
  return isDoor ? null : `a plug-in is entered by its ${doors.join(" or ")}`;
}

function barrelBreaches(source: Source): string[] {
  const { path } = source;
  const found: string[] = [];
  if (/^index\.tsx?$/.test(posix.basename(path)) && path !== `${plugInOf(path)}/index.ts`) {
    found.push(`${path}: only a plug-in folder has an index.ts`);
  }
  walk(parse(source), (node, line) => {
    const isStar = ts.isExportDeclaration(node) && node.exportClause === undefined;
    if (isStar) found.push(`${path}:${line} exports another file wholesale`);
  });
  return found;
}

function impurities(source: Source): string[] {
  const found: string[] = [];
  const flag = (line: number, what: string) => {
    found.push(`${source.path}:${line} uses ${what}, which a pure layer does not have`);
  };
  walk(parse(source), (node, line) => {
    if (ts.isIdentifier(node) && PLATFORM.has(node.text) && !isMemberName(node)) {
      flag(line, node.text);
    }
    if (ts.isPropertyAccessExpression(node)) {
      if (node.getText() === "Math.random") flag(line, "Math.random");
      if (LOCALE.test(node.name.text)) flag(line, node.name.text);
    }
  });
  return found;
}

/** Is it what something is called (`frame.performance`, `{ Date: 1 }`), not a thing referred to? */
function isMemberName(node: ts.Identifier): boolean {
  return "name" in node.parent && node.parent.name === node;
}

interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** All of it: `import`, `export ... from`, `import()`, import types, and the URL of a worker. */
function importsOf(file: ts.SourceFile): Import[] {
  const found: Import[] = [];
  walk(file, (node, line) => {
    const named = namedBy(node);
    if (named !== undefined && ts.isStringLiteralLike(named)) {
      found.push({ specifier: named.text, line });
    }
  });
  return found;
}

function namedBy(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return node.argument.literal;
  const isDynamic =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  if (isDynamic) return node.arguments[0];
  const isModuleUrl =
    ts.isNewExpression(node) &&
    node.expression.getText() === "URL" &&
    node.arguments?.[1]?.getText() === "import.meta.url" &&
    /\.tsx?"$/.test(node.arguments[0]?.getText() ?? "");
  return isModuleUrl ? node.arguments?.[0] : undefined;
}

function walk(file: ts.SourceFile, visit: (node: ts.Node, line: number) => void): void {
  const descend = (node: ts.Node): void => {
    visit(node, file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
    ts.forEachChild(node, descend);
  };
  descend(file);
}

const parsed = new WeakMap<Source, ts.SourceFile>();

function parse(source: Source): ts.SourceFile {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  const file = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ESNext, true);
  parsed.set(source, file);
  return file;
}

function targetIn(source: Source): (found: Import) => string {
  return ({ specifier }) => targetOf(source.path, specifier);
}

function targetOf(path: string, specifier: string): string {
  const [file = ""] = specifier.split("?");
  return file.startsWith("#") ? file.slice(1) : posix.join(posix.dirname(path), file);
}

function layerOf(path: string): string {
  const [first = ""] = path.split("/");
  return first;
}

/** The plug-in folder a file is in, as "system/ra"; null outside of any. */
function plugInOf(path: string): string | null {
  const [layer = "", folder = "", ...rest] = path.split("/");
  const isInside = layer in plugInLayers && rest.length > 0 && folder !== "fixtures";
  return isInside ? `${layer}/${folder}` : null;
}

function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return "node:";
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Tests and what only tests share. They may look anywhere. */
export function isTest(path: string): boolean {
  return /\.(test|testkit)\.tsx?$/.test(path);
}
