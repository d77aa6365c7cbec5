// <input type="file" data-upload="/address" data-largest="bytes of one" data-most="10">, after app.js: a file is uploaded as soon as it is
// chosen, into the draft that its form is, or to wait until the form is sent. Without this file it comes with its form.
(() => {
  "use strict";
  const portal = window.portal;
  if (!portal) return;

  /** Pixels of the longer side of a picture: a page of small print can still be read. */
  const LONGEST_SIDE = 2500;
  const QUALITY = 0.85;
  /** Milliseconds in which nothing moves before a connection is given up. */
  const PATIENCE = 60000;
  const PICTURES = ["image/jpeg", "image/png", "image/webp"];

  const mb = (bytes) => (bytes / 1e6).toFixed(1);
  const size = (bytes) => bytes < 1e6 ? Math.max(1, Math.ceil(bytes / 1000)) + " kB" : mb(bytes) + " MB";
  const make = (tag, className = "", text = "") => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };

  /** A large picture made smaller, upright as it is shown; anything else as it is. */
  const smaller = async (file) => {
    if (!PICTURES.includes(file.type) || !window.createImageBitmap) return file;
    let picture;
    try {
      picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = LONGEST_SIDE / Math.max(picture.width, picture.height);
      if (scale >= 1) return file;
      const canvas = make("canvas"), pen = canvas.getContext("2d");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      pen.fillStyle = "white";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.imageSmoothingQuality = "high";
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      const bytes = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
      if (!bytes || bytes.type !== "image/jpeg" || bytes.size >= file.size) return file;
      return new File([bytes], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: bytes.type });
    } catch { return file; } finally { if (picture) picture.close(); }
  };

  const SIGNED_OUT = { why: "you have been signed out. Send the form, sign in again, and everything is still there." };

  /** Why nothing came back: a portal that knows nobody any more does not listen to the end either. */
  const silence = async (address, token) => {
    try {
      const body = new URLSearchParams({ csrf_token: token });
      const answer = await fetch(address, { method: "POST", body, headers: { "X-Requested-With": "upload" }, credentials: "same-origin" });
      return answer.redirected || answer.status === 403 ? SIGNED_OUT : { why: "the connection broke off.", late: true };
    } catch { return { why: "there is no connection.", late: true }; }
  };

  /** Sends a form in parts. Gives the part that answers it, or why there is none; `late` when the same may be tried again. */
  const send = (address, body, moved, begun) => new Promise((done) => {
    const request = new XMLHttpRequest();
    let clock;
    const wait = () => {
      clearTimeout(clock);
      clock = setTimeout(() => { done({ why: "the connection does not answer.", late: true }); request.abort(); }, PATIENCE);
    };
    request.upload.addEventListener("progress", (event) => { wait(); moved(event.total > 0 ? event.loaded / event.total : 0); });
    request.addEventListener("load", () => {
      clearTimeout(clock);
      if (new URL(request.responseURL).pathname !== address || request.status === 403) return done(SIGNED_OUT);
      if (request.status === 409) return done({ why: "this report has been sent or changed elsewhere in the meantime." });
      if (request.status !== 200 && request.status !== 422) return done({ why: "the portal did not take it.", late: request.status >= 500 || request.status === 429 || request.status === 408 });
      done({ part: new DOMParser().parseFromString(request.responseText, "text/html") });
    });
    request.addEventListener("error", () => { clearTimeout(clock); done(silence(address, body.get("csrf_token"))); });
    request.addEventListener("abort", () => { clearTimeout(clock); done({ gone: true }); });
    request.open("POST", address);
    request.setRequestHeader("X-Requested-With", "upload");
    wait();
    request.send(body);
    begun(request);
  });

  const all = new Map();
  portal.uploading = (form) => (all.get(form) || []).some((row) => row.state !== "refused");

  for (const input of document.querySelectorAll("input[type=file][data-upload]")) {
    const form = input.form, address = input.dataset.upload, intoDraft = portal.drafts.get(form);
    const largest = Number(input.dataset.largest), most = Number(input.dataset.most);
    const list = make("ul", "files uploads"), said = make("p", "visually-hidden"), original = make("input"), choice = make("div", "choice");
    /** The files that are not with the portal yet. */
    const rows = [];
    /** What was made smaller, by the number under which it is kept. */
    const made = new Map();
    let line = Promise.resolve(), held = false, sender = null;
    all.set(form, rows);
    said.setAttribute("role", "status");
    original.type = "checkbox";
    original.id = input.id + "-original";
    const label = make("label", "", "Send pictures in their original size"), note = make("span", "hint", "Otherwise at most 2\u00a0500 pixels on a side.");
    label.htmlFor = original.id;
    note.id = original.id + "-hint";
    original.setAttribute("aria-describedby", note.id);
    choice.append(original, label, note);
    input.after(list, said);
    input.before(choice);

    const changed = () => form.dispatchEvent(new Event("uploads"));
    const button = (text, name) => {
      const pressed = make("button", "secondary small", text);
      pressed.type = "button";
      pressed.setAttribute("aria-label", text + ": " + name);
      return pressed;
    };

    /** The form in parts, its token first; into a draft with all that is typed, as it may become one only now. */
    const parts = () => {
      const body = new FormData();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && (intoDraft ? !["kept_evidence", "remove_evidence"].includes(name) : ["csrf_token", "kept_evidence"].includes(name))) body.append(name, value);
      }
      return body;
    };

    // What the portal has.
    const numbers = (part) => Array.from(part.querySelectorAll("[data-file]"), (each) => each.dataset.file);
    const show = (part) => {
      for (const old of list.querySelectorAll("[data-file]")) old.remove();
      list.prepend(...Array.from(part.querySelectorAll("[data-file]"), keptLine));
    };
    const keptLine = ({ dataset: { file, name, size } }) => {
      const item = make("li"), acts = make("div", "acts"), away = button("Remove", name);
      acts.append(away);
      item.dataset.file = file;
      item.append(make("span", "name", name), make("span", "size", size + (made.has(file) ? ", made smaller from " + mb(made.get(file).size) + " MB" : "")), acts);
      if (!intoDraft) {
        const stays = make("input");
        stays.type = "hidden";
        stays.name = "kept_evidence";
        stays.value = file;
        item.append(stays);
      }
      away.addEventListener("click", () => takeAway(file, name));
      return item;
    };
    const takeAway = async (id, name) => {
      const item = list.querySelector("[data-file='" + id + "']");
      made.delete(id);
      if (!item) return;
      if (!intoDraft) item.remove();
      else {
        const pressed = item.querySelector("button"), body = parts();
        if (pressed.getAttribute("aria-busy")) return;
        pressed.setAttribute("aria-busy", "true");
        body.append("remove_evidence", id);
        const { part, why } = await send(address, body, () => {}, () => {});
        pressed.removeAttribute("aria-busy");
        if (!part) {
          for (const old of item.querySelectorAll(".error")) old.remove();
          item.append(make("p", "error", "Not removed: " + why));
          return;
        }
        show(part);
      }
      said.textContent = name + " has been removed.";
      input.focus();
    };

    // What is on its way.
    const drop = (row) => {
      row.state = "gone";
      if (row.request) row.request.abort();
      if (rows.includes(row)) rows.splice(rows.indexOf(row), 1);
      row.item.remove();
      changed();
    };
    const stopped = (row, state, message, does) => {
      row.state = state;
      row.bar.remove();
      row.how.textContent = size(row.file.size);
      row.why.textContent = message;
      row.item.className = "stopped";
      row.item.append(row.why, row.acts);
      row.press.textContent = does;
      row.press.setAttribute("aria-label", does + ": " + row.file.name);
      if (state !== "refused") row.acts.append(row.leave);
      said.textContent = message;
      changed();
    };
    const notUploaded = (row, why) => "“" + row.file.name + "” has not been uploaded: " + why;
    const tooLarge = (row) => stopped(row, "refused", "“" + row.file.name + "” is larger than " + Math.floor(largest / 1048576) + " MB. Choose a smaller version of it.", "Leave it out");
    const upload = async (row) => {
      if (row.state !== "waiting") return;
      row.state = "sending";
      if (!row.bytes) {
        row.how.textContent = "Getting it ready …";
        row.bytes = original.checked ? row.file : await smaller(row.file);
      }
      if (row.state === "gone") return;
      if (row.bytes.size > largest) return tooLarge(row);
      const total = row.bytes.size, body = parts();
      const moved = (share) => {
        row.bar.value = share;
        row.how.textContent = mb(share * total) + " of " + mb(total) + " MB, " + Math.floor(share * 100) + " %";
        if (sender) sender.textContent = "Sending … " + Math.floor(share * 100) + " %";
      };
      moved(0);
      said.textContent = "Uploading " + row.file.name + ".";
      body.append(input.name, row.bytes, row.bytes.name);
      const answer = await send(address, body, moved, (request) => { row.request = request; });
      row.request = null;
      if (answer.gone || row.state === "gone") return;
      if (!answer.part) return stopped(row, answer.late ? "late" : "with form", notUploaded(row, answer.why), "Try again");
      const messages = Array.from(answer.part.querySelectorAll("[data-refused]"), (each) => each.textContent);
      const draft = answer.part.querySelector("[data-send]"), kept = answer.part.querySelector("[data-kept]");
      const before = numbers(list), fresh = numbers(answer.part).filter((id) => !before.includes(id));
      if (fresh.length > 0 && row.bytes !== row.file) made.set(fresh[0], row.file);
      if (kept) show(answer.part);
      if (draft && intoDraft) intoDraft(draft);
      if (messages.length > 0 || !kept) return stopped(row, "refused", messages.join(" ") || "“" + row.file.name + "” was not taken.", "Leave it out");
      drop(row);
      said.textContent = row.file.name + (fresh.length > 0 ? " is uploaded." : " is there already.");
    };
    const queue = (row) => {
      row.state = "waiting";
      row.why.remove();
      row.leave.remove();
      row.item.className = "";
      row.item.append(row.acts, row.bar);
      row.bar.value = 0;
      row.how.textContent = "Waiting …";
      row.press.textContent = "Cancel";
      row.press.setAttribute("aria-label", "Cancel: " + row.file.name);
      changed();
      line = line.then(() => upload(row)).catch(() => stopped(row, "with form", notUploaded(row, "this browser could not do it by itself."), "Try again"));
    };
    const add = (file) => {
      const row = { file, item: make("li"), how: make("span", "size"), acts: make("div", "acts"), bar: make("progress"), why: make("p", "error"), press: button("Cancel", file.name), leave: button("Leave it out", file.name) };
      row.bar.setAttribute("aria-label", "Uploading " + file.name);
      row.bar.max = 1;
      row.acts.append(row.press);
      row.item.append(make("span", "name", file.name), row.how, row.acts);
      rows.push(row);
      list.append(row.item);
      row.press.addEventListener("click", () => { if (["late", "with form"].includes(row.state)) queue(row); else { drop(row); input.focus(); } });
      row.leave.addEventListener("click", () => { drop(row); input.focus(); });
      const there = list.querySelectorAll("li").length;
      if (there > most) stopped(row, "refused", "“" + file.name + "” is one too many: there can be " + most + " files.", "Leave it out");
      // what cannot be made smaller is refused before a byte is sent
      else if (file.size > largest && (original.checked || !PICTURES.includes(file.type))) tooLarge(row);
      else queue(row);
    };
    input.addEventListener("change", () => {
      const files = Array.from(input.files);
      input.value = "";
      for (const file of files) add(file);
    });
    // whoever wants the originals after all gets them
    original.addEventListener("change", async () => {
      if (!original.checked) return;
      for (const [id, file] of Array.from(made)) { await takeAway(id, file.name); add(file); }
      original.focus();
    });

    // A form that is sent waits for its files; what the portal did not take by itself comes with the form.
    const withForm = () => {
      const files = new DataTransfer();
      for (const row of rows) files.items.add(row.bytes || row.file);
      input.files = files.files;
    };
    const hold = async (button) => {
      held = true;
      sender = button;
      portal.busy(button);
      for (const row of rows) if (row.state === "late") queue(row);
      while (rows.some((row) => ["waiting", "sending"].includes(row.state))) await line;
      held = false;
      sender = null;
      portal.free(button);
      const left = rows.find((row) => row.state !== "with form");
      if (left) left.press.focus(); else form.requestSubmit(button);
    };
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented || form.dataset.sent) return;
      if (held) { event.preventDefault(); return; }
      if (rows.every((row) => row.state === "with form")) { if (rows.length > 0) withForm(); return; }
      event.preventDefault();
      hold(event.submitter || form.querySelector(".actions button"));
    });
    window.addEventListener("beforeunload", (event) => { if (rows.length > 0 && !form.dataset.sent) event.preventDefault(); });

    // the files that were there when the page was opened
    const mine = intoDraft ? "remove_evidence" : "kept_evidence";
    for (const files of form.querySelectorAll("[data-files]")) {
      if (!files.querySelector("[name=" + mine + "]") || (intoDraft && files.querySelector(":checked"))) continue;
      if (!intoDraft) for (const each of files.querySelectorAll("[data-file]")) if (!each.querySelector(":checked")) each.remove();
      list.append(...Array.from(files.querySelectorAll("[data-file]"), keptLine));
      files.remove();
    }
  }
})();
