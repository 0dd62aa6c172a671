import { PrismaPg } from "@prisma/adapter-pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { testDatabase, type TestDatabase } from "#tests/postgres/harness.ts";

import { type Prisma, PrismaClient } from "./generated/client.ts";

describe("Prisma's schema", () => {
  let test: TestDatabase;
  let prisma: PrismaClient;
  beforeAll(async () => {
    test = await testDatabase();
    prisma = new PrismaClient({ adapter: new PrismaPg(test.database.pool) });
  });
  afterAll(() => test.drop());

  it("names tables and columns that the migrations made", async () => {
    const reads: Record<Uncapitalize<Prisma.ModelName>, () => Promise<unknown>> = {
      project: () => prisma.project.findFirst(),
      name: () => prisma.name.findFirst(),
      proxy: () => prisma.proxy.findFirst(),
      setting: () => prisma.setting.findFirst(),
      alertRule: () => prisma.alertRule.findFirst(),
      ruleFile: () => prisma.ruleFile.findFirst(),
      alertState: () => prisma.alertState.findFirst(),
      alertTransition: () => prisma.alertTransition.findFirst(),
      alertNote: () => prisma.alertNote.findFirst(),
      alertIncident: () => prisma.alertIncident.findFirst(),
      alertEvaluation: () => prisma.alertEvaluation.findFirst(),
      notificationOutbox: () => prisma.notificationOutbox.findFirst(),
      slo: () => prisma.slo.findFirst(),
      sloCorrection: () => prisma.sloCorrection.findFirst(),
      modulePrefix: () => prisma.modulePrefix.findFirst(),
      silence: () => prisma.silence.findFirst(),
      channel: () => prisma.channel.findFirst(),
      notificationPolicy: () => prisma.notificationPolicy.findFirst(),
      token: () => prisma.token.findFirst(),
      sender: () => prisma.sender.findFirst(),
      process: () => prisma.process.findFirst(),
      certificateTarget: () => prisma.certificateTarget.findFirst(),
      certificateChange: () => prisma.certificateChange.findFirst(),
    };
    const problems: string[] = [];
    for (const [model, read] of Object.entries(reads)) {
      await read().catch((error: unknown) => problems.push(`${model}: ${String(error)}`));
    }
    expect(problems).toEqual([]);
  });

  it("reads and writes them with their relations", async () => {
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
});
