// Niceties only: every page works without this file.
(() => {
  "use strict";

  // What evidence.js shares with this file: a button at work, forms that are drafts, and forms with files under way.
  const portal = window.portal = { drafts: new Map(), uploading: () => false };
  const words = new Map();
  portal.busy = (button) => {
    if (!button || words.has(button)) return;
    words.set(button, Array.from(button.childNodes));
    button.style.minWidth = button.offsetWidth + "px";
    button.replaceChildren("Sending …");
    for (const state of ["aria-busy", "aria-disabled"]) button.setAttribute(state, "true");
  };
  portal.free = (button) => {
    if (!words.has(button)) return;
    button.replaceChildren(...words.get(button));
    words.delete(button);
    button.style.minWidth = "";
    for (const state of ["aria-busy", "aria-disabled"]) button.removeAttribute(state);
  };

  // What is done with each form of a page is done with those that a script puts into it, too.
  const parts = [];
  const part = portal.part = (start) => { parts.push(start); start(document); };
  portal.begin = (root) => { for (const start of parts) start(root); };

  // A form is sent once, however often its button is pressed: the button is busy until the page goes.
  const release = (form) => {
    delete form.dataset.sent;
    for (const button of Array.from(words.keys())) if (button.form === form) portal.free(button);
  };
  const releaseAll = () => { for (const form of document.querySelectorAll("form[data-sent]")) release(form); };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    portal.busy(event.submitter);
    // nobody is told when somebody stops a page that does not come; bytes of files may be under way for long
    const files = Array.from(form.querySelectorAll("input[type=file]")).some((input) => input.files.length > 0);
    if (!files) setTimeout(() => release(form), 60000);
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") releaseAll(); });
  window.addEventListener("pageshow", releaseAll);

  // The error summary takes the focus, so that it is heard and seen first.
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();

  // What was changed is ticked off in it, and nothing moves: a press on a button is under way meanwhile. The server looks at all of it again.
  if (summary) {
    const title = summary.querySelector("h2");
    const lines = Array.from(summary.querySelectorAll("li"));
    const tick = (line, changed) => {
      line.classList.toggle("mended", changed);
      const left = lines.filter((one) => !one.classList.contains("mended")).length;
      title.textContent = left === 0 ? "Changed: send it again" : left === 1 ? "One answer needs another look" : left + " answers need another look";
      summary.classList.toggle("mended", left === 0);
      document.title = (left === 0 ? "" : "Error: ") + document.title.replace(/^Error: /, "");
    };
    for (const line of lines) {
      const field = document.getElementById((line.querySelector("a")?.hash ?? "").slice(1))?.closest(".field, fieldset, form");
      if (!field || field.tagName === "FORM") continue;
      const state = () => Array.from(field.querySelectorAll("input[name], select, textarea"), (one) => one.type === "file" ? one.files.length : /radio|checkbox/.test(one.type) ? one.checked : one.value).join("\n");
      const refused = state();
      for (const event of ["input", "change"]) field.addEventListener(event, () => tick(line, state() !== refused));
    }
  }

  // A field that is being mended does not go on saying what was wrong with it; the server looks at it again.
  for (const field of document.querySelectorAll(".field.invalid")) {
    field.addEventListener("input", () => {
      field.classList.remove("invalid");
      for (const each of field.querySelectorAll(".error")) each.hidden = true;
      for (const each of [field, ...field.querySelectorAll("[aria-invalid]")]) each.removeAttribute("aria-invalid");
    }, { once: true });
  }

  // <textarea data-keep>: what is typed is still there after another form of the page was sent; signing in as anybody forgets it.
  // The words of a verdict are about the version that was read, and never stand on another one.
  try {
    if (document.querySelector('form[action="/sign-in"]')) sessionStorage.clear();
    part((root) => {
      for (const area of root.querySelectorAll("textarea[data-keep]")) {
        const version = "claim" in area.form.dataset ? " " + area.form.elements.version.value : "";
        const key = "typed " + new URL(area.form.action).pathname + " " + area.name + version;
        if (area.value === "") area.value = sessionStorage.getItem(key) || "";
        area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
        area.form.addEventListener("submit", () => sessionStorage.removeItem(key));
      }
    });
  } catch { /* a browser that keeps nothing */ }

  // <input type="password">: a button beside it shows what was typed. What is sent is a password again, for whoever keeps passwords.
  for (const field of document.querySelectorAll('input[type="password"]')) {
    const row = document.createElement("span"), show = document.createElement("button");
    row.className = "reveal";
    show.type = "button";
    show.className = "quiet";
    show.textContent = "Show";
    show.setAttribute("aria-controls", field.id);
    show.setAttribute("aria-label", "Show password: " + Array.from(field.labels, (label) => label.textContent).join(" "));
    const turn = (shown) => {
      field.type = shown ? "text" : "password";
      show.setAttribute("aria-pressed", shown ? "true" : "false");
    };
    field.spellcheck = false;
    field.autocapitalize = "none";
    const focused = document.activeElement === field;
    field.before(row);
    row.append(field, show);
    if (focused) field.focus();
    show.addEventListener("click", () => turn(show.getAttribute("aria-pressed") !== "true"));
    field.form.addEventListener("submit", () => turn(false));
    for (const left of ["pagehide", "pageshow"]) window.addEventListener(left, () => turn(false));
    turn(false);
  }

  // <form data-switch="category">: elements with data-shows-for="a b" stand only for those answers.
  part((root) => {
    for (const form of root.querySelectorAll("form[data-switch]")) {
      const show = () => {
        const answer = new FormData(form).get(form.dataset.switch) || "";
        for (const part of form.querySelectorAll("[data-shows-for]")) {
          part.hidden = answer === "" || !part.dataset.showsFor.split(" ").includes(answer);
        }
        // <button data-label data-label-approve="Approve">: says what it does with this answer
        for (const button of form.querySelectorAll("button[data-label]")) {
          button.dataset.plain ??= button.textContent;
          button.textContent = (answer && button.getAttribute("data-label-" + answer)) || button.dataset.plain;
        }
      };
      form.addEventListener("change", show);
      show();
    }
  });

  // A note with data-far-by="field" follows that select: choosing from a group marked data-far asks for words.
  for (const note of document.querySelectorAll("[data-far-by]")) {
    const select = document.getElementById(note.dataset.farBy);
    if (!select || !select.querySelector("optgroup")) continue;
    const say = () => {
      const far = select.selectedOptions[0] && select.selectedOptions[0].closest("[data-far]");
      note.textContent = select.value === "" ? "(needed for other fields)" : far ? "(needed for this field)" : "(optional)";
    };
    select.addEventListener("change", say);
    say();
  }

  // <input data-day="First day">: a calendar beside the text that people type.
  for (const field of document.querySelectorAll("input[data-day]")) {
    const row = document.createElement("span"), open = document.createElement("button"), picker = document.createElement("input");
    picker.type = "date";
    if (!picker.showPicker) continue;
    row.className = "day-row";
    picker.className = "picker";
    picker.tabIndex = -1;
    picker.setAttribute("aria-hidden", "true");
    open.type = "button";
    open.className = "secondary small";
    open.textContent = "Calendar";
    open.setAttribute("aria-label", "Calendar: " + field.dataset.day);
    field.before(row);
    row.append(field, open, picker);
    open.addEventListener("click", () => {
      const at = new Date(field.value + " 12:00 UTC");
      picker.valueAsDate = Number.isNaN(at.valueOf()) ? null : at;
      picker.showPicker();
    });
    picker.addEventListener("change", () => {
      if (!picker.valueAsDate) return;
      field.value = picker.valueAsDate.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
      field.dispatchEvent(new Event("input", { bubbles: true }));
      open.focus();
    });
  }

  // <form data-preview="/address" data-preview-target="id">: what the answers so far would give.
  for (const form of document.querySelectorAll("form[data-preview]")) {
    const target = document.getElementById(form.dataset.previewTarget);
    if (!target) continue;
    let timer, running, last = "";
    const ask = async () => {
      const fields = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
      const body = fields.toString();
      if (body === last) return;
      last = body;
      if (running) running.abort();
      running = new AbortController();
      try {
        const answer = await fetch(form.dataset.preview, {
          method: "POST", body: fields, headers: { "X-Requested-With": "preview" }, credentials: "same-origin", signal: running.signal,
        });
        if (!answer.ok || answer.redirected) return;
        target.innerHTML = await answer.text();
        form.dispatchEvent(new Event("previewed"));
      } catch { last = ""; }
    };
    const later = () => { clearTimeout(timer); timer = setTimeout(ask, 350); };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    // a page with errors says everything already
    if (!summary) ask();
  }

  // a page that answers a form which was sent: it has what this tab kept of it
  try {
    const sent = sessionStorage.getItem("sent form");
    if (sent !== null) { sessionStorage.removeItem(sent); sessionStorage.removeItem("sent form"); }
  } catch { /* a browser that keeps nothing */ }

  // <form data-autosave="/address"> with an element data-saved: keeps a draft a moment after typing stops.
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const said = form.querySelector("[data-saved]"), leave = form.querySelector("[data-leave]");
    // which draft it is may change while it is under way, what was typed then is still to be saved
    const typed = () => {
      const fields = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "activity") fields.append(name, value);
      return fields.toString();
    };
    const adopt = (kept) => {
      form.setAttribute("action", kept.dataset.send);
      form.elements.activity.value = kept.dataset.activity;
      if (leave) leave.textContent = "Leave it as a draft";
      history.replaceState(null, "", kept.dataset.edit);
    };
    let timer, last = typed(), running = Promise.resolve(), unsaved = false, pause = 5000;
    // what the server does not have yet stays in this tab, and comes back when the page is loaded again
    const own = (name) => !["csrf_token", "form_key", "version", "activity", "parked", "intent"].includes(name);
    const here = () => "unsaved " + location.pathname;
    const keepHere = (body) => {
      try {
        if (body === null) sessionStorage.removeItem(here());
        else sessionStorage.setItem(here(), body);
      } catch { /* a browser that keeps nothing */ }
    };
    const notSaved = (body, why, again) => {
      unsaved = true;
      keepHere(body);
      said.textContent = "Not saved: " + why + " What you typed stays in this tab" + (again ? ", and is saved as soon as it can be." : ".");
      clearTimeout(timer);
      // what is refused for what it says waits for a change; what may only be late is sent again, ever more slowly
      if (again) timer = setTimeout(now, pause);
      pause = Math.min(2 * pause, 60000);
    };
    const save = async () => {
      const body = typed();
      if (form.dataset.sent || body === last) return;
      try {
        const answer = await fetch(form.dataset.autosave, {
          method: "POST", body: new URLSearchParams(body + "&activity=" + form.elements.activity.value), headers: { "X-Requested-With": "autosave" }, credentials: "same-origin", keepalive: body.length < 60000,
        });
        if (answer.redirected) { said.textContent = "You have been signed out, so this is not saved by itself. Send it, sign in again, and it is all still there."; return; }
        if (!answer.ok) { notSaved(body, "the portal did not take it.", answer.status >= 500 || answer.status === 429); return; }
        const text = await answer.text();
        last = body;
        unsaved = false;
        pause = 5000;
        keepHere(null);
        said.innerHTML = text;
        tell();
        const kept = said.querySelector("[data-send]");
        if (kept && !form.dataset.sent) adopt(kept);
      } catch { if (!form.dataset.sent) notSaved(body, "there is no connection.", true); }
    };
    // files that are under way are not kept yet: say so
    const note = document.createElement("span");
    note.textContent = " Not yet: the files that are still being uploaded.";
    const tell = () => { if (portal.uploading(form)) said.append(note); else note.remove(); };
    form.addEventListener("uploads", tell);
    window.addEventListener("beforeunload", (event) => { if (unsaved && !form.dataset.sent) event.preventDefault(); });
    // an upload makes the draft, too; what has been typed meanwhile is saved into it
    portal.drafts.set(form, (kept) => { adopt(kept); last = ""; now(); });
    const now = () => { clearTimeout(timer); running = running.then(save); };
    // what the browser puts back after going back was kept before: only what a person types makes a draft
    let touched = false;
    form.addEventListener("input", () => { touched = true; clearTimeout(timer); timer = setTimeout(now, 1500); });
    window.addEventListener("online", () => { if (unsaved) now(); });
    // what came back to be mended is nowhere but here
    if (document.querySelector(".error-summary")) { touched = true; last = ""; now(); }
    document.addEventListener("submit", (event) => {
      if (event.target !== form || event.defaultPrevented) return;
      try { sessionStorage.setItem("sent form", here()); } catch { /* a browser that keeps nothing */ }
    });
    try {
      const left = sessionStorage.getItem(here());
      if (left !== null) {
        const before = new URLSearchParams(left);
        for (const each of form.elements) {
          if (!each.name || !own(each.name) || ["file", "submit", "button", "hidden"].includes(each.type)) continue;
          if (each.type === "checkbox" || each.type === "radio") each.checked = before.getAll(each.name).includes(each.value);
          else if (before.has(each.name)) each.value = before.get(each.name);
        }
        form.dispatchEvent(new Event("change", { bubbles: true }));
        now();
      }
    } catch { /* a browser that keeps nothing */ }
    // what was typed last is kept before the page is left
    if (leave) {
      leave.addEventListener("click", async (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        if (portal.uploading(form)) { event.preventDefault(); form.querySelector("button[value=draft]").click(); return; }
        if (!touched) return;
        event.preventDefault();
        now();
        await Promise.race([running, new Promise((late) => setTimeout(late, 3000))]);
        location.href = leave.href;
      });
    }
    document.addEventListener("visibilitychange", () => { if (document.hidden && touched) now(); });
  }

  // <button data-copy="id of an input" hidden>: puts what the input says on the clipboard.
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    const text = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value); button.textContent = "Copied"; }
      catch { button.textContent = "Select it and copy it by hand"; }
      setTimeout(() => { button.textContent = text; }, 3000);
    });
  }

  // <input type="checkbox" data-check-all="name">: ticks or clears all boxes of that name in its form. data-count="name" tells how many are ticked.
  for (const all of document.querySelectorAll("[data-check-all]")) {
    all.hidden = false;
    const boxes = () => Array.from(document.querySelectorAll('input[type="checkbox"]')).filter((box) => box.name === all.dataset.checkAll && box.form === all.form);
    const many = all.form.querySelector('[data-count="' + all.dataset.checkAll + '"]');
    const count = () => {
      if (!many) return;
      const ticked = boxes().filter((box) => box.checked).length;
      many.textContent = ticked === 0 ? "None ticked yet." : ticked + " ticked.";
      many.hidden = false;
    };
    all.addEventListener("change", () => { for (const box of boxes()) box.checked = all.checked; count(); });
    document.addEventListener("change", (event) => {
      if (event.target.name !== all.dataset.checkAll) return;
      all.checked = boxes().every((box) => box.checked);
      count();
    });
    window.addEventListener("pageshow", count);
    count();
  }

  // <input type="search" data-find="/address">: answers while somebody types; arrow keys go through the answers.
  for (const input of document.querySelectorAll("input[data-find]")) {
    const box = document.createElement("div"), said = document.createElement("p");
    box.className = "found";
    box.hidden = true;
    said.className = "visually-hidden";
    said.setAttribute("aria-live", "polite");
    input.after(box, said);
    let timer, running, last = "";
    const links = () => Array.from(box.querySelectorAll("a"));
    const close = () => { box.hidden = true; said.textContent = ""; };
    const ask = async () => {
      const text = input.value.trim();
      if (text.length < 2) { last = ""; close(); return; }
      if (text === last) { box.hidden = false; return; }
      last = text;
      if (running) running.abort();
      running = new AbortController();
      try {
        const answer = await fetch(input.dataset.find + "?" + new URLSearchParams({ q: text }), { credentials: "same-origin", signal: running.signal });
        if (!answer.ok || answer.redirected) return;
        box.innerHTML = await answer.text();
        box.hidden = false;
        const many = Number(box.firstElementChild.dataset.found);
        said.textContent = many === 0 ? "Nothing found." : (many === 1 ? "1 result." : many + " results.") + " Use the down arrow to go through them.";
      } catch { last = ""; }
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
    input.form.addEventListener("keydown", (event) => {
      const all = links(), at = all.indexOf(document.activeElement);
      if (event.key === "Escape" && !box.hidden) { close(); input.focus(); event.preventDefault(); }
      if (box.hidden || all.length === 0 || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
      event.preventDefault();
      const to = at + (event.key === "ArrowDown" ? 1 : -1);
      if (to < 0) input.focus(); else if (to < all.length) all[to].focus();
    });
    input.form.addEventListener("focusout", (event) => { if (!input.form.contains(event.relatedTarget)) setTimeout(close, 150); });
    input.addEventListener("focus", () => { if (input.value.trim() === last && last !== "" && box.firstElementChild) box.hidden = false; });
  }

  // A verdict and a reason that have prepared words: choosing them puts the words into the field, unless something else was typed.
  part((root) => {
    for (const list of root.querySelectorAll("[data-prepared]")) {
      const choice = document.getElementById(list.dataset.prepared), field = document.getElementById(list.dataset.preparedFor);
      if (!choice || !field) continue;
      const note = document.querySelector("[data-prepared-note]"), verdicts = Array.from(choice.form.querySelectorAll("[name=decision]"));
      const words = new Map(Array.from(list.querySelectorAll("[data-words]"), (each) => [each.dataset.words, each.textContent]));
      const prepared = () => Array.from(words.values()).includes(field.value);
      const tell = () => { note.textContent = prepared() ? "These are prepared words. Change what does not fit: they are sent as they stand here." : ""; };
      const fill = () => {
        const verdict = verdicts.find((each) => each.checked);
        if (field.value.trim() === "" || prepared()) field.value = (verdict && words.get(verdict.value + " " + choice.value)) || "";
        tell();
      };
      for (const each of [choice, ...verdicts]) each.addEventListener("change", fill);
      field.addEventListener("input", tell);
      // own words take the place of prepared ones, and are not sent behind them unseen
      field.addEventListener("focus", () => { if (field.value !== "" && prepared()) field.select(); });
      tell();
      list.addEventListener("click", (event) => {
        const link = event.target.closest("a[href*='reason_code=']");
        if (!link) return;
        event.preventDefault();
        const asked = new URL(link.href).searchParams, own = prepared() ? "" : field.value.trim();
        const text = words.get(asked.get("decision") + " " + asked.get("reason_code"));
        choice.value = asked.get("reason_code");
        for (const each of verdicts) each.checked = each.value === asked.get("decision");
        field.value = own ? own + "\n\n" + text : text;
        choice.form.dispatchEvent(new Event("change", { bubbles: true }));
        tell();
        field.focus();
        const said = document.querySelector("[data-announce]");
        if (said) said.textContent = verdicts.find((each) => each.checked).labels[0].textContent + " is chosen, with the reason: " + choice.selectedOptions[0].textContent + ".";
      });
    }
  });

  // <form data-claim="/staff/activities/1">: who reads it keeps it while the page is open, and gives it back on leaving. A form beside a
  // list is claimed when somebody begins to judge (static/split.js). `told` hears who reads it already, as words for the page.
  portal.claim = (form, told) => {
    const fields = () => new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    const claim = async () => {
      try {
        const answer = await fetch(form.dataset.claim + "/claim" + new URL(form.action).search, {
          method: "POST", body: fields(), headers: { "X-Requested-With": "claim" }, redirect: "manual",
        });
        if (told && answer.ok) told(await answer.text());
      } catch { /* asked again */ }
    };
    const release = () => navigator.sendBeacon(form.dataset.claim + "/release", fields());
    const again = setInterval(() => { if (!document.hidden) claim(); }, 240000);
    window.addEventListener("pagehide", release);
    if (told) claim();
    return () => { clearInterval(again); window.removeEventListener("pagehide", release); release(); };
  };
  for (const form of document.querySelectorAll("form[data-claim]")) if (!form.closest("[data-pane]")) portal.claim(form);

  // <button type="button" data-print hidden>: prints the page.
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
