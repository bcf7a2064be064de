import { computed } from "@preact/signals";
import { language } from "../state/language.ts";
import { auditEn } from "./en-audit.ts";
import { auditZh } from "./zh-audit.ts";

/** Words that come with the page of the log. */
export const auditWords = computed(() => (language.value === "en" ? auditEn : auditZh));
