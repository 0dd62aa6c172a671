/** What a reader copies to send the first log lines. */
interface LogSnippet {
  readonly key: "sendRecord" | "sendErrorLog";
  readonly text: string;
}

interface Address {
  /** Where this installation is reached, without a slash at the end. */
  readonly origin: string;
  readonly tokenAsked: boolean;
}

/** One record as an OpenTelemetry exporter sends it, and an error log that is there already. */
export function logSnippets(address: Address): readonly LogSnippet[] {
  return [
    { key: "sendRecord", text: record(address) },
    { key: "sendErrorLog", text: errorLog(address) },
  ];
}

function record({ origin, tokenAsked }: Address): string {
  return [
    `curl -sS ${tokenOf(tokenAsked)}-H 'Content-Type: application/json' '${origin}/v1/logs' --data-binary '`,
    `{"resourceLogs":[{`,
    `  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my-go-proxy"}}]},`,
    `  "scopeLogs":[{"logRecords":[{"timeUnixNano":"'"$(date +%s)"'000000000","severityNumber":17,`,
    `    "severityText":"ERROR","body":{"stringValue":"proxy.golang.org did not answer"}}]}]}]}'`,
  ].join("\n");
}

function errorLog({ origin, tokenAsked }: Address): string {
  return [
    "# nginx writes local time without a zone: tz= names it",
    "tail -n 1000 /var/log/nginx/error.log |",
    `  curl -sS ${tokenOf(tokenAsked)}--data-binary @- '${origin}/ingest/access-logs?format=nginx&proxy=edge-nginx&tz=Europe/Berlin'`,
  ].join("\n");
}

function tokenOf(tokenAsked: boolean): string {
  return tokenAsked ? "-H 'Authorization: Bearer TOKEN' " : "";
}
