import type { Locator, Page } from "@playwright/test";

/** The page of one upstream, by what a reader sees of it. */
export class UpstreamPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(origin: string, proxy: string, upstream: string): Promise<void> {
    const search = new URLSearchParams({ proxy }).toString();
    await this.#page.goto(`${origin}/upstreams/${encodeURIComponent(upstream)}?${search}`);
  }

  /** The number below a name. */
  figure(label: string): Locator {
    return this.#figure(label).getByRole("definition").first();
  }

  /** What stands below a number. */
  note(label: string): Locator {
    return this.#figure(label).getByRole("definition").nth(1);
  }

  worst(): Locator {
    return this.#page.getByRole("region", { name: "Worst exchanges" }).getByRole("row");
  }

  #figure(label: string): Locator {
    const term = this.#page.getByRole("term").filter({ hasText: new RegExp(`^${label}$`) });
    return this.#page.locator("dl > div").filter({ has: term });
  }
}
