import { render } from "preact";
import { App } from "./app.tsx";
import { startRouter } from "./router.ts";
import { startClock } from "./state/clock.ts";
import { followLanguage } from "./state/language.ts";
import { startLive } from "./state/live.ts";
import { loadSession } from "./state/session.ts";

followLanguage();
startClock();
startRouter();
const root = document.querySelector("#app");
if (root !== null) render(<App />, root);
void loadSession().finally(startLive);
