import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { buildDashboard } from "../../hub/build/dashboard.ts";
import { launchChromium } from "./chromium.ts";
import { FakeHub } from "./fake-hub.ts";

export const sidewaysPixels =
  "document.documentElement.scrollWidth - document.documentElement.clientWidth";

export interface PageOptions extends Omit<BrowserContextOptions, "locale"> {
  /** British unless it is said; null for what the browser itself has. */
  readonly locale?: string | null;
}

/** The built console at a hub that is not one, in a browser; one page at a time. */
export class ConsoleRig {
  readonly hub: FakeHub;
  readonly origin: string;
  /** Where the console's files lie. */
  readonly webDir: string;
  /** What pages wrote to the console of the browser, or threw, since the last reset. */
  errors: string[] = [];
  /** Every origin that was ever asked. */
  readonly requested = new Set<string>();
  readonly #browser: Browser;
  #context: BrowserContext | undefined;

  static async start(): Promise<ConsoleRig> {
    const webDir = await mkdtemp(join(tmpdir(), "gridledger-dashboard-"));
    await buildDashboard(webDir);
    const hub = new FakeHub(webDir);
    return new ConsoleRig(hub, await hub.start(), await launchChromium(), webDir);
  }

  private constructor(hub: FakeHub, origin: string, browser: Browser, webDir: string) {
    this.hub = hub;
    this.origin = origin;
    this.webDir = webDir;
    this.#browser = browser;
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.hub.stop();
    await rm(this.webDir, { recursive: true, force: true });
  }

  reset(): void {
    this.hub.reset();
    this.errors = [];
  }

  /** A page in a fresh context. */
  async open(path: string, { locale = "en-GB", ...options }: PageOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ ...options, ...(locale && { locale }) });
    this.#context = context;
    context.setDefaultTimeout(5_000);
    context.on("request", (request) => this.requested.add(new URL(request.url()).origin));
    const page = await context.newPage();
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      this.errors.push(`${message.text()} ${message.location().url}`);
    });
    await page.goto(this.origin + path);
    return page;
  }

  async closePage(): Promise<void> {
    await this.#context?.close();
  }
}
