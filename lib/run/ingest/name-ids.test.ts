import { describe, expect, it } from "vitest";

import { noRowNames, RecordRows, rowRoles } from "#lib/core/record-rows.ts";

import { NameIds } from "./name-ids.ts";
import { SharedNames } from "./shared-names.ts";

/** A dictionary that numbers names from 101 on, and tells what it was asked. */
function dictionary() {
  const asked: string[] = [];
  let isAway = false;
  return {
    asked,
    setAway: (away: boolean) => void (isAway = away),
    async idsOf(project: number, kind: string, names: readonly string[]): Promise<Int32Array> {
      await Promise.resolve();
      if (isAway) throw new Error("The database is away.");
      return Int32Array.from(names, (name) => 100 + asked.push(`${project} ${kind} ${name}`));
    },
  };
}

describe("ids of names that requests share", () => {
  it("are looked up once, however many requests at once name them", async () => {
    const source = dictionary();
    const ids = new NameIds(source);
    const names = noRowNames();
    const quote = names.module.numberOf("rsc.io/quote");
    const [one, other] = await Promise.all([ids.of(1, names), ids.of(1, names)]);
    expect([one.module[quote], other.module[quote]]).toEqual([101, 101]);
    const proxy = names.proxy.numberOf("edge");
    const later = await ids.of(1, names);
    expect([later.proxy[proxy], later.module[quote], later.module[0]]).toEqual([102, 101, 0]);
    expect(source.asked).toEqual(["1 module rsc.io/quote", "1 proxy edge"]);
  });

  it("are looked up again when the database was away", async () => {
    const source = dictionary();
    const ids = new NameIds(source);
    const names = noRowNames();
    const proxy = names.proxy.numberOf("edge");
    source.setAway(true);
    await expect(ids.of(1, names)).rejects.toThrow("away");
    source.setAway(false);
    expect((await ids.of(1, names)).proxy[proxy]).toBe(101);
  });
});

describe("lists of names", () => {
  it("are those of one project, until they are long", () => {
    const shared = new SharedNames();
    const first = shared.of(1);
    expect(shared.of(2)).not.toBe(first);
    for (let name = 0; name < 49_999; name += 1) first.module.numberOf(`module-${name}`);
    expect(shared.of(1)).toBe(first);
    first.module.numberOf("one more");
    expect(shared.of(1)).not.toBe(first);
  });

  it("are begun anew where few names are very long", () => {
    const shared = new SharedNames();
    const first = shared.of(1);
    for (let name = 0; name < 5; name += 1) first.upstream.numberOf(`${name}`.repeat(1_000_000));
    expect(shared.of(1)).not.toBe(first);
  });

  it("go with rows that are made plain as far as these name them", () => {
    const names = noRowNames();
    for (const name of ["a", "b", "c"]) names.upstream.numberOf(name);
    const proxy = names.proxy.numberOf("edge");
    const rows = new RecordRows(1, names);
    rows.columns.upstream[rows.add(rowRoles.toldAttempt, 0)] = 2;
    rows.relations.push({ proxy, kind: "retry", cause: "other", atUs: 1, from: 3, to: 2 });
    const plain = rows.plain();
    expect(plain.names).toEqual({
      proxy: ["edge"],
      upstream: ["b", "c"],
      endpoint: [],
      module: [],
    });
    expect(plain.columns.upstream[0]).toBe(1);
    expect(plain.relations).toMatchObject([{ proxy: 1, from: 2, to: 1 }]);
    expect(RecordRows.of(plain).plain()).toEqual(plain);
  });
});
