// The queue with a report beside it, after workbench.js. Reading a report there does not claim it; beginning to judge it does. Without
// this file each row has a link that opens the same page with its report beside the list.
(() => {
  "use strict";
  const { portal } = window;
  const view = document.querySelector("[data-split]"), pane = view && view.querySelector("[data-pane]");
  if (!pane) return;
  view.classList.add("by-script");
  // where static/split.css makes two columns
  const room = matchMedia("(min-width: 75rem) and (min-height: 40rem)");
  const rows = Array.from(view.querySelectorAll("tr[data-report]"));
  const rowOf = (element) => element.closest("tr[data-report]");
  const hereOf = (row) => row.querySelector(".beside a").href;
  let shown = (view.querySelector("tr[aria-current]") || { dataset: {} }).dataset.report, turn = 0;

  const read = async (address) => {
    const answer = await fetch(address, { credentials: "same-origin", headers: { "X-Requested-With": "split" } });
    if (answer.redirected || !answer.ok) throw new Error("not read");
    return answer.text();
  };
  const parsed = (html) => {
    const box = document.createElement("template");
    box.innerHTML = html;
    return box.content;
  };

  // The next report is read ahead, and the file that it shows first: one report, and nothing that is large (the server marks what is not).
  let ahead;
  const frame = document.createElement("div");
  frame.className = "ahead";
  frame.inert = true;
  const readAhead = async (row) => {
    ahead = undefined;
    frame.replaceChildren();
    if (!row) return;
    const mine = ahead = { report: row.dataset.report, at: Date.now(), html: read(row.dataset.fragment) };
    try {
      const viewer = parsed(await mine.html).querySelector("[data-ahead]");
      if (ahead !== mine || !viewer) return;
      const file = document.createElement(viewer.matches("iframe") ? "iframe" : "img");
      file.src = viewer.dataset.ahead;
      if (file.matches("img")) file.alt = "";
      file.tabIndex = -1;
      frame.replaceChildren(file);
      if (!frame.isConnected) document.body.append(frame);
    } catch { if (ahead === mine) ahead = undefined; }
  };
  const htmlOf = (row) => (ahead && ahead.report === row.dataset.report && Date.now() - ahead.at < 60000 ? ahead.html : read(row.dataset.fragment));

  // What somebody began to fill in stands there again when they come back to the report.
  const begun = new Map();
  let release, refused = view.matches(".refused");
  const begin = (event) => {
    // what is for colleagues is no verdict
    const form = event.target.closest(".verdict") && !event.target.closest("#colleagues") && pane.querySelector("form[data-claim]");
    if (!form || release) return;
    release = portal.claim(form, (html) => {
      if (!form.isConnected) return;
      pane.querySelector("[data-reading-notice]").innerHTML = html;
      form.querySelector("[data-take-over]").hidden = html.trim() === "";
      // the tick is for the colleague whom the notice names, and for nobody who comes after them
      const tick = form.elements.take_over, reader = pane.querySelector("[data-reading-notice] [name=take_over]")?.value ?? "";
      if (tick.value !== reader) { tick.value = reader; tick.checked = false; }
    });
  };
  for (const what of ["input", "change", "pointerdown"]) pane.addEventListener(what, begin);
  const leave = () => {
    if (release || refused) begun.set(shown, Array.from(pane.childNodes));
    if (release) release();
    release = undefined;
    refused = false;
  };

  const mark = (row) => {
    for (const each of rows) each.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
  };
  const say = (words) => {
    const said = document.createElement("p");
    said.className = "muted";
    said.textContent = words;
    pane.replaceChildren(said);
  };
  const put = (...parts) => {
    pane.replaceChildren(...parts);
    pane.scrollTop = 0;
  };
  const choose = async (row) => {
    const report = row.dataset.report;
    if (report === shown) return;
    leave();
    shown = report;
    mark(row);
    turn += 1;
    const mine = turn, html = begun.has(report) ? undefined : htmlOf(row);
    if (html) {
      // no verdict is given on what has just been left
      say("Opening the report …");
      pane.setAttribute("aria-busy", "true");
      try {
        const content = parsed(await html);
        if (mine !== turn) return;
        put(content);
        portal.begin(pane);
      } catch {
        if (mine === turn) say("This report could not be opened here. Press Enter on its row to open it on its own page.");
        return;
      } finally { if (mine === turn) pane.removeAttribute("aria-busy"); }
    } else put(...begun.get(report));
    readAhead(rows[rows.indexOf(row) + 1]);
  };

  // j and k pass over rows faster than anybody reads: what is not there yet is asked for when they rest.
  let resting;
  const chooseSoon = (row) => {
    clearTimeout(resting);
    if (row.dataset.report === shown) return;
    if (ahead && ahead.report === row.dataset.report) { choose(row); return; }
    leave();
    shown = undefined;
    turn += 1;
    mark(row);
    say("Opening the report …");
    resting = setTimeout(() => choose(row), 120);
  };
  const remember = (row) => history.replaceState(null, "", hereOf(row));
  view.addEventListener("stepped", (event) => {
    if (!room.matches) return;
    const row = rowOf(event.target);
    chooseSoon(row);
    remember(row);
  });
  // A click on a title reads the report here; Enter opens it on its own page, as a click with a key for a new tab does.
  view.addEventListener("click", (event) => {
    const link = event.target.closest("tr[data-report] th > a, tr[data-report] .beside a");
    if (!link || !room.matches || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (event.detail === 0 && link.closest("th")) return;
    event.preventDefault();
    clearTimeout(resting);
    const row = rowOf(link);
    choose(row);
    remember(row);
  });
  // Another file of the same report takes the place of the one that is shown, and nothing that was typed is lost.
  pane.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-file]");
    const row = rows.find((each) => each.dataset.report === shown);
    if (!link || !row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      const other = parsed(await read(row.dataset.fragment + "&file=" + link.dataset.file)).querySelector(".proof");
      pane.querySelector(".proof").replaceWith(other);
      document.getElementById("evidence").focus();
    } catch { location.assign(link.href); }
  });

  const first = () => {
    if (!room.matches) return;
    if (shown) readAhead(rows[rows.findIndex((row) => row.dataset.report === shown) + 1]);
    else if (rows.length > 0 && !pane.querySelector(".verdict")) choose(rows.find((row) => "open" in row.dataset) || rows[0]);
  };
  room.addEventListener("change", first);
  first();
})();
