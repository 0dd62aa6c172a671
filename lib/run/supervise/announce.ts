import { urlOfListener, type Settings } from "#lib/config/settings.ts";

/** What a person who started Viascope needs next: where to look and where to send. */
export function welcome(settings: Settings, ports: Readonly<Record<string, number>>): string {
  const url = (variable: string, asked: number) =>
    urlOfListener(settings.host, ports[variable] ?? asked);
  const web = settings.publicUrl ?? url("PORT", settings.webPort);
  const http = url("VIASCOPE_OTLP_HTTP_PORT", settings.otlpHttpPort);
  const grpc = ports["VIASCOPE_OTLP_GRPC_PORT"];
  const syslog = ports["VIASCOPE_SYSLOG_PORT"] ?? settings.syslogPort;
  return [
    "",
    "Viascope is running. Ctrl-C stops it.",
    "",
    `  Look   ${web}`,
    `  Send   ${http}/v1/traces   OTLP over HTTP`,
    ...(grpc === undefined
      ? []
      : [`         ${urlOfListener(settings.host, grpc)}   OTLP over gRPC`]),
    `         ${http}/ingest/access-logs?proxy=NAME   access-log lines`,
    `         ${urlOfListener(settings.host, syslog).replace("http", "syslog")}   syslog over UDP and TCP`,
    `  Data   ${settings.databaseUrl === null ? settings.dataDir : "the database in DATABASE_URL"}`,
    "",
    "",
  ].join("\n");
}

/** One line about something that happened to a part of Viascope. */
export function notice(sentence: string): void {
  process.stderr.write(`viascope: ${sentence}\n`);
}
