import type { Locator, Page } from "@playwright/test";

/** The overview, by what a reader sees of it. */
export class OverviewPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Names of the proxies, in the order they stand. */
  proxies(): Locator {
    return this.#panel("Proxies").getByRole("rowheader").getByRole("link");
  }

  /** Names of the worst upstreams, in the order they stand. */
  upstreams(): Locator {
    return this.#panel("Upstreams").getByRole("rowheader").getByRole("link");
  }

  /** The number of a proxy in one column, without its trend. */
  proxyFigure(proxy: string, column: ProxyColumn): Locator {
    const row = this.#panel("Proxies").getByRole("row").filter({ hasText: proxy });
    return row.getByRole("cell").nth(proxyColumns.indexOf(column)).locator("span[data-tone]");
  }

  /** The rows of where requests fall back, in one proxy. */
  fallbacks(proxy: string): Locator {
    return this.#panel("Where requests fall back")
      .getByRole("row")
      .filter({ hasText: `in ${proxy}` });
  }

  tlsFailures(): Locator {
    return this.#panel("Failed TLS handshakes").getByRole("row");
  }

  #panel(title: string): Locator {
    return this.#page.getByRole("region", { name: title, exact: true });
  }
}

const proxyColumns = [
  "Requests",
  "Error rate",
  "P95",
  "Cache hits",
  "Fallbacks",
  "TLS failures",
] as const;
type ProxyColumn = (typeof proxyColumns)[number];
