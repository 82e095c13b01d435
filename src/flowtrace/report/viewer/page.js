/** The page of one file: its data stands in it. */
import { start } from "./viewer.js";

const host = document.getElementById("flow");
host.view = start(host, JSON.parse(document.getElementById("data").textContent), { hash: host.dataset.sha256 });
