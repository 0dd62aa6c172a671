import { appendFile, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import { FollowedFile, type Look } from "./followed-file.ts";

let folder: string;
let path: string;
const open: FollowedFile[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "viascope-followed-"));
  path = join(folder, "access.log");
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((file) => file.close()));
  await rm(folder, { recursive: true });
});

async function following(text: string, fromStart = true): Promise<FollowedFile> {
  await writeFile(path, text);
  const file = await FollowedFile.fresh(path, fromStart);
  open.push(file);
  return file;
}

function textOf(look: Look): string {
  return typeof look === "string" ? look : look.bytes.toString();
}

async function taken(file: FollowedFile): Promise<string> {
  const look = await file.look(false);
  if (typeof look !== "string") file.sent(look);
  return textOf(look);
}

const cri = (tag: string, text: string) => `2026-11-20T22:09:04.1Z stdout ${tag} ${text}\n`;

const docker = (log: string, stream = "stdout") => `${JSON.stringify({ log, stream })}\n`;
const full = "x".repeat(16_384);

it.each([
  ["whole lines, and not the beginning of one", "a\nb\nc", "a\nb\n"],
  ["nothing where no line is whole", "abc", "nothing new"],
  ["nothing of an empty file", "", "nothing new"],
  ["nothing of a line that CRI goes on with", cri("P", "a"), "nothing new"],
  ["lines up to one that CRI goes on with", `${cri("F", "a")}${cri("P", "b")}`, cri("F", "a")],
  ["nothing of a line that docker goes on with", docker(full), "nothing new"],
  [
    "lines up to one that docker goes on with, whatever else is written meanwhile",
    `${docker("ö\n")}${docker(full)}${docker("b\n", "stderr")}`,
    docker("ö\n"),
  ],
  [
    "a line of docker's pieces as soon as it is whole",
    `${docker(full)}${docker("b\n")}`,
    `${docker(full)}${docker("b\n")}`,
  ],
  [
    "a line of several pieces as soon as it is whole",
    `${cri("P", "a")}${cri("F", "b")}`,
    `${cri("P", "a")}${cri("F", "b")}`,
  ],
])("gives %s", async (_, text, found) => {
  expect(textOf(await (await following(text)).look(false))).toBe(found);
});

it("gives the last line without an end when nobody will end it", async () => {
  expect(textOf(await (await following("a\nb")).look(true))).toBe("a\nb");
});

it("gives a large file in bounded batches of whole lines", async () => {
  const line = `${"x".repeat(99)}\n`;
  const file = await following(line.repeat(20_000));
  const batches: number[] = [];
  for (let text = await taken(file); text !== "nothing new"; text = await taken(file)) {
    expect(text.endsWith("\n")).toBe(true);
    batches.push(text.length);
  }
  expect(batches.reduce((sum, size) => sum + size, 0)).toBe(2_000_000);
  expect(Math.max(...batches)).toBeLessThanOrEqual(524_288);
});

it("begins at the end when it is told to", async () => {
  const file = await following("old\n", false);
  await appendFile(path, "new\n");
  expect(await taken(file)).toBe("new\n");
});

it("sees that its file was emptied, whether it is smaller now or larger", async () => {
  const file = await following("first line\n");
  expect(await taken(file)).toBe("first line\n");
  await truncate(path);
  expect(await file.look(false)).toBe("truncated");
  await appendFile(path, "another and a longer line\n");
  expect(await file.look(false)).toBe("truncated");
  file.restart();
  expect(await taken(file)).toBe("another and a longer line\n");
});

it("gives after a crash exactly the bytes that were being sent, and a different content no bytes", async () => {
  const file = await following("a\nb\n");
  const look = await file.look(false);
  if (typeof look === "string") throw new Error(look);
  file.sending(look);
  const checkpoint = join(folder, "there", "tail.json");
  await writeCheckpoint(checkpoint, [file.position]);
  await appendFile(path, "c\n");
  const [position] = (await readCheckpoint(checkpoint)) ?? [];
  if (position === undefined) throw new Error("no position");
  const again = await FollowedFile.resumed(path, position);
  if (again === null) throw new Error("not the same file");
  open.push(again);
  expect(await again.look(false)).toEqual(look);
  await writeFile(path, "x\ny\nzzzzz\n");
  expect(await FollowedFile.resumed(path, position)).toBeNull();
});

it("begins anew without a checkpoint, and never with one that cannot be read", async () => {
  expect(await readCheckpoint(join(folder, "none.json"))).toBeNull();
  await writeFile(path, '{"version":1,"fi');
  await expect(readCheckpoint(path)).rejects.toThrow(/is no checkpoint of viascope tail/);
});
