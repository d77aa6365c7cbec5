// The pages of staff, after app.js: their keys, and words that grow. Every page works without this file.
(() => {
  "use strict";
  const one = (selector) => document.querySelector(selector);
  const { portal } = window, sheet = one("[data-keys]");

  // A person can turn the keys off; the choice is kept in this browser.
  let on = true;
  try { on = localStorage.getItem("keys") !== "off"; } catch { /* on */ }
  if (sheet) {
    const choice = sheet.querySelector("[data-keys-switch]");
    sheet.hidden = false;
    choice.checked = on;
    choice.addEventListener("change", () => {
      on = choice.checked;
      number(document);
      try { localStorage.setItem("keys", on ? "on" : "off"); } catch { /* kept for this page only */ }
    });
    const sends = Array.from(sheet.querySelectorAll("[data-send]"), (each) => each.dataset.send);
    document.addEventListener("keydown", (event) => {
      if (!on || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      if (sends.some((field) => event.target.matches(field))) event.target.form.requestSubmit();
    });
  }

  // What a question mark opened is closed by Escape.
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && one("body.dense-lists details.why[open], details.folded[open], details.keys[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });

  // Rows of a list: the focus stands on the link of one.
  const rows = () => Array.from(document.querySelectorAll("table.bench tbody tr"));
  const linkOf = (row) => row && row.querySelector("th a");
  let current = one("table.bench tbody tr[aria-current]");
  document.addEventListener("focusin", (event) => { current = event.target.closest("table.bench tbody tr") || current; });
  const step = (by) => {
    const all = rows(), at = all.indexOf(current);
    const link = linkOf(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]);
    if (!link) return false;
    link.focus();
    link.dispatchEvent(new Event("stepped", { bubbles: true }));
    return true;
  };
  const tick = () => {
    const box = current && current.querySelector("input[type=checkbox]");
    if (box) box.click();
    return Boolean(box);
  };

  // The numbers of the reasons stand below the verdict as long as they work: while nothing is approved, and the keys are on. A number without
  // a verdict chooses a return, the milder one.
  const numbers = (reason) => Array.from(reason.options).filter((option) => option.value !== "").slice(0, 9);
  const number = (root) => { for (const line of root.querySelectorAll("[data-reason-keys]")) line.hidden = !on || !sheet; };
  portal.part(number);
  const numbered = (key) => {
    const reason = one("select#reason_code"), announce = one("[data-announce]");
    const verdict = one("[name=decision]:checked"), option = reason && numbers(reason)[Number(key) - 1];
    if (!option || (verdict && verdict.value === "approve")) return false;
    if (!verdict) one("#decision-return").click();
    reason.value = option.value;
    reason.dispatchEvent(new Event("change", { bubbles: true }));
    one("#decide").focus();
    if (announce) announce.textContent = (verdict ? "" : "Return is chosen, with the reason: ") + option.textContent + ". Press Enter to send it with the words that stand there.";
    return true;
  };

  // Escape leaves a box, and its words stay there. A search box is emptied by it, as everywhere.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && event.target.matches("main :is(textarea, select, input:not([type=search], [type=radio], [type=checkbox]))")) event.target.blur();
  });

  // What was begun of a verdict is still there when the report is opened in another way: beside the list, on its own page, or again. It is
  // about the version that was read, and never stands on another one.
  try {
    portal.part((root) => {
      for (const form of root.querySelectorAll("form[data-claim]")) {
        const key = "verdict " + new URL(form.action).pathname + " " + form.elements.version.value, names = ["decision", "quantity", "reason_code", "reason"];
        const kept = new URLSearchParams(sessionStorage.getItem(key) || ""), fresh = !new FormData(form).get("decision") && !document.querySelector(".error-summary");
        if (fresh && kept.get("decision")) {
          for (const name of names) form.elements[name].value = kept.get(name);
          form.dispatchEvent(new Event("change"));
        }
        const keep = () => {
          const now = new FormData(form);
          sessionStorage.setItem(key, new URLSearchParams(names.map((name) => [name, now.get(name) || ""])));
        };
        for (const what of ["input", "change"]) form.addEventListener(what, keep);
        form.addEventListener("submit", () => sessionStorage.removeItem(key));
      }
    });
  } catch { /* a browser that keeps nothing */ }

  // A verdict that has to be mended stands in sight with what is wrong about it and with its button, wherever the page began.
  const wrong = one(".verdict .error"), decide = one("#decide");
  if (wrong && decide) {
    decide.scrollIntoView({ block: "nearest" });
    wrong.scrollIntoView({ block: "nearest" });
  }

  // The evidence comes into sight where it is below the fold; asked for once more, the next file takes the place of the one that is shown.
  let looked;
  const look = (viewer) => { looked = viewer; viewer.scrollIntoView({ block: "start" }); };
  const evidence = () => {
    const viewer = one(".proof .viewer");
    if (!viewer) return false;
    const files = Array.from(document.querySelectorAll(".proof .files > li"));
    const at = files.findIndex((file) => file.querySelector("b"));
    const next = files.length > 1 && files[(at + 1) % files.length].querySelector("a[data-file]");
    if (viewer !== looked || !next) { look(viewer); return true; }
    next.click();
    const until = Date.now() + 5000;
    const wait = () => {
      const other = one(".proof .viewer");
      if (other && other !== viewer) look(other);
      else if (Date.now() < until) setTimeout(wait, 50);
    };
    wait();
    return true;
  };

  const pressed = (selector) => { const found = one(selector); if (found) found.click(); return Boolean(found); };
  const general = {
    j: () => rows().length > 0 && step(1),
    k: () => rows().length > 0 && step(-1),
    x: tick,
    v: evidence,
    u: () => pressed("form[data-undo] button"),
    "/": () => { const find = one("#find"); if (find) { find.focus(); find.select(); } return Boolean(find); },
    "?": () => { if (sheet) { sheet.open = !sheet.open; sheet.querySelector("summary").focus(); } return Boolean(sheet); },
  };
  let went = 0;
  document.addEventListener("keydown", (event) => {
    if (!on || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]")) return;
    const key = event.key;
    if (event.repeat && key !== "j" && key !== "k") return;
    const line = sheet && Array.from(sheet.querySelectorAll("[data-key]")).find((each) => each.dataset.key === key);
    const target = line && one(line.dataset.for);
    if (target) {
      event.preventDefault();
      target.click();
      const then = line.dataset.then && one(line.dataset.then);
      if (then) then.focus();
      const announce = one("[data-announce]");
      if (line.dataset.says && announce) announce.textContent = line.dataset.says;
      return;
    }
    if (key === "q" && event.timeStamp - went < 1500) { event.preventDefault(); pressed("nav a[href='/staff/review']"); return; }
    if (key === "g") { went = event.timeStamp; return; }
    if (/^[1-9]$/.test(key) ? numbered(key) : general[key] && general[key]()) event.preventDefault();
  });

  // A click into a document gives it the focus, and its viewer would swallow every key: the page takes the focus back. Whoever goes into
  // it by Tab stays there.
  let tabbed = -Infinity;
  document.addEventListener("keydown", (event) => { if (event.key === "Tab") tabbed = event.timeStamp; }, true);
  window.addEventListener("blur", (event) => {
    if (event.timeStamp - tabbed < 500) return;
    setTimeout(() => {
      const frame = document.activeElement;
      if (!on || !sheet || !frame || !frame.matches("iframe.viewer")) return;
      frame.blur();
      window.focus();
      one("main").focus({ preventScroll: true });
    });
  });

  // Words grow with what is typed, where the browser does not do it by itself.
  if (!CSS.supports("field-sizing", "content")) {
    portal.part((root) => {
      for (const area of root.querySelectorAll(".verdict textarea")) {
        const grow = () => { area.style.height = "auto"; area.style.height = area.scrollHeight + 2 + "px"; };
        for (const what of ["input", "focus"]) area.addEventListener(what, grow);
        area.form.addEventListener("change", grow);
        grow();
      }
    });
  }
})();
