import { computed } from "@preact/signals";
import { language } from "../state/language.ts";
import { objectsEn } from "./en-objects.ts";
import { objectsZh } from "./zh-objects.ts";

/** Words that come with the pages that need them: the console's first page stays small. */
export const objectWords = computed(() => (language.value === "en" ? objectsEn : objectsZh));
