import { describe, expect, it } from "vitest";

import { readSettings } from "#lib/config/settings.ts";
import { StartProblem } from "#lib/config/start-problem.ts";

import { demoOptions } from "./options.ts";

const settings = readSettings({ VIASCOPE_OTLP_HTTP_PORT: "14318", PORT: "13000" });

describe("the options of the demo", () => {
  it("need not be given: the demo goes to this machine's Viascope until it is stopped", () => {
    expect(demoOptions(settings, [])).toEqual({
      url: "http://127.0.0.1:14318",
      lookAt: "http://127.0.0.1:13000",
      seed: 1,
      rate: 30,
      seconds: null,
      backfillSeconds: 3_600,
      incidentSecondsMax: null,
    });
  });

  it("choose another Viascope, seed, rate, duration and past", () => {
    const args = [
      "--url",
      "https://viascope.example.com/",
      "--seed",
      "9",
      "--rate=50",
      "--for",
      "20",
    ];
    expect(demoOptions(settings, [...args, "--backfill", "0", "--incident", "45"])).toEqual({
      url: "https://viascope.example.com",
      lookAt: null,
      seed: 9,
      rate: 50,
      seconds: 20,
      backfillSeconds: 0,
      incidentSecondsMax: 45,
    });
  });

  it.each([
    [["--rate", "fast"], /--rate is "fast", but must be a whole number from 1 to 500/],
    [["--rate", "0"], /--rate is "0"/],
    [["--incident", "0"], /--incident is "0"/],
    [["--seed", "1.5"], /--seed is "1.5"/],
    [["--for", ""], /--for is "", but must be a whole number/],
    [["--url", "viascope"], /--url is "viascope", but must be an address/],
    [["--speed", "3"], /Unknown option '--speed'.*The demo knows --url ADDRESS/],
    [["fast"], /The demo knows --url ADDRESS/],
  ])("%j is refused with a sentence", (args, sentence) => {
    expect(() => demoOptions(settings, args)).toThrow(StartProblem);
    expect(() => demoOptions(settings, args)).toThrow(sentence);
  });
});
