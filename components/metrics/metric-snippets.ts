interface Address {
  /** Where this installation is reached, without a slash at the end. */
  readonly origin: string;
  readonly tokenAsked: boolean;
}

/** What a reader copies to get the first metrics. */
export function metricSnippets(
  address: Address,
): readonly { readonly key: "scrapeSnippet" | "otlpSnippet"; readonly text: string }[] {
  return [
    {
      key: "scrapeSnippet",
      text: "VIASCOPE_SCRAPE='athens=http://127.0.0.1:3001/metrics,edge=http://127.0.0.1:8404/metrics' npm start",
    },
    { key: "otlpSnippet", text: onePoint(address) },
  ];
}

function onePoint({ origin, tokenAsked }: Address): string {
  const token = tokenAsked ? "-H 'Authorization: Bearer TOKEN' " : "";
  return [
    `curl -sS ${token}-H 'Content-Type: application/json' '${origin}/v1/metrics' --data-binary '`,
    `{"resourceMetrics":[{`,
    `  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my-go-proxy"}}]},`,
    `  "scopeMetrics":[{"metrics":[{"name":"cache.entries","gauge":{"dataPoints":[`,
    `    {"timeUnixNano":"'"$(date +%s)"'000000000","asInt":"1042"}]}}]}]}]}'`,
  ].join("\n");
}
