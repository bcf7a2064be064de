import { computed, effect, signal } from "@preact/signals";
import { type Dictionary, en } from "../words/en.ts";
import { zh } from "../words/zh.ts";

export type Language = "zh-CN" | "en";

const storageKey = "gridledger.language";
const dictionaries: Readonly<Record<Language, Dictionary>> = { "zh-CN": zh, en };

export const language = signal<Language>(initialLanguage());

/** Every word shown, in the chosen language. */
export const words = computed(() => dictionaries[language.value]);

/** For Intl. British English: 24 hours, and a date that cannot be read two ways. */
export const locale = computed(() => (language.value === "en" ? "en-GB" : language.value));

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  try {
    localStorage.setItem(storageKey, chosen);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

export function followLanguage(): void {
  effect(() => {
    document.documentElement.lang = language.value;
  });
}

function initialLanguage(): Language {
  const stored = storedLanguage();
  if (stored === "en" || stored === "zh-CN") return stored;
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith("zh")) ? "zh-CN" : "en";
}

function storedLanguage(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}
