import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
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

/** The page says so, now or soon. */
export function shows(page: Page, text: string | RegExp): Promise<void> {
  return page.getByText(text).first().waitFor();
}

/** A console for the tests of one file, with a fresh hub and browser context for each of them. */
export function useConsole(): ConsoleRig {
  const rig = new ConsoleRig();
  before(() => rig.start());
  after(() => rig.stop());
  beforeEach(() => rig.reset());
  afterEach(() => rig.closePage());
  return rig;
}

/** The built console at a hub that is not one, in a browser; one page at a time. */
class ConsoleRig {
  hub!: FakeHub;
  origin = "";
  /** Where the console's files lie. */
  webDir = "";
  /** What pages wrote to the console of the browser, or threw, since the last reset. */
  errors: string[] = [];
  /** Every origin that was ever asked. */
  readonly requested = new Set<string>();
  #browser: Browser | undefined;
  #context: BrowserContext | undefined;

  async start(): Promise<void> {
    this.webDir = await mkdtemp(join(tmpdir(), "gridledger-dashboard-"));
    await buildDashboard(this.webDir);
    this.hub = new FakeHub(this.webDir);
    this.origin = await this.hub.start();
    this.#browser = await launchChromium();
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.hub?.stop();
    await rm(this.webDir, { recursive: true, force: true });
  }

  reset(): void {
    this.hub.reset();
    this.errors = [];
  }

  /** A page in a fresh context. */
  async open(path: string, { locale = "en-GB", ...options }: PageOptions = {}): Promise<Page> {
    const context = await this.#browser!.newContext({ ...options, ...(locale && { locale }) });
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
