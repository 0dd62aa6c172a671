import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";

import { prismaOf } from "./prisma.ts";

describe("Prisma's models", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  it("read and write the tables that the migrations made", async () => {
    const prisma = prismaOf(test.database);
    const project = await prisma.project.findFirstOrThrow({ where: { name: "default" } });
    const name = await prisma.name.create({
      data: { projectId: project.id, kind: "proxy", value: "athens" },
    });
    await prisma.proxy.create({
      data: { projectId: project.id, nameId: name.id, countingSource: "spans" },
    });
    await prisma.setting.create({ data: { key: "theme", value: { dark: true } } });
    expect(await prisma.proxy.findMany({ include: { name: true } })).toMatchObject([
      { countingSource: "spans", name: { value: "athens" } },
    ]);
  });

  it("share the pool of their database", async () => {
    expect(prismaOf(test.database)).toBe(prismaOf(test.database));
  });
});
