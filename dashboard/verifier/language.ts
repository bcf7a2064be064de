import { computed } from "@preact/signals";
import { language } from "../src/state/language.ts";
import { en, type Words } from "./words-en.ts";
import { zh } from "./words-zh.ts";

/** Every word of the page in the chosen language. */
export const words = computed<Words>(() => (language.value === "en" ? en : zh));
