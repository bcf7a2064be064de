/**
 * uPlot formats with `navigator.language` while it is being imported and throws where that is no
 * language tag (a bare POSIX locale gives "en-US@posix"). Loaded before everything else, this mends it.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en", configurable: true });
}
