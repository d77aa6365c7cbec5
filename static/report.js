// The report form, short and quick: chips, parts that fold, what it counts beside its button. Without this file it stands whole.
(() => {
  "use strict";
  for (const form of document.querySelectorAll("form.report")) {
    form.classList.add("quick");
    const named = (name) => form.elements[name];
    const all = (selector) => Array.from(form.querySelectorAll(selector));
    const holds = (part) => all("input, textarea").some((each) => part.contains(each) && each.value.trim() !== "");

    // the look ahead comes by itself
    for (const button of all("button[value=preview]")) button.hidden = true;
    const line = form.querySelector("[data-brief-line]");
    form.addEventListener("previewed", () => {
      const brief = form.querySelector("[data-brief]");
      line.textContent = brief ? brief.dataset.brief : "";
    });

    // <button class="chip" data-fills="hours" data-value="2" data-clears="minutes">
    const chips = all(".chip"), same = (one, other) => one.trim().toLowerCase() === other.trim().toLowerCase();
    for (const row of all(".chips")) row.hidden = false;
    const mark = () => {
      for (const chip of chips) {
        const { fills, value, clears } = chip.dataset;
        chip.setAttribute("aria-pressed", String(same(named(fills).value, value) && (!clears || named(clears).value.trim() === "")));
      }
    };
    for (const chip of chips) {
      chip.addEventListener("click", () => {
        const { fills, value, clears } = chip.dataset;
        named(fills).value = value;
        if (clears) named(clears).value = "";
        for (const name of [fills, clears]) if (name) named(name).dispatchEvent(new Event("input", { bubbles: true }));
      });
    }

    // <fieldset data-folds>: the answer alone, once it is given by a tap, the space bar, or going on. Arrow keys only try answers.
    const folding = all("[data-folds]").map((group) => {
      const radios = Array.from(group.querySelectorAll("input[type=radio]")), change = document.createElement("button");
      let key = "";
      change.type = "button";
      change.className = "quiet change";
      change.textContent = "Change";
      change.setAttribute("aria-label", "Change: " + group.querySelector("legend").textContent);
      const unfold = () => {
        group.classList.remove("folded");
        change.remove();
        for (const radio of radios) radio.parentElement.hidden = false;
      };
      const fold = () => {
        const answer = radios.find((radio) => radio.checked);
        if (!answer) return unfold();
        group.classList.add("folded");
        for (const radio of radios) radio.parentElement.hidden = radio !== answer;
        answer.parentElement.append(change);
      };
      change.addEventListener("click", () => { unfold(); radios.find((radio) => radio.checked).focus(); });
      group.addEventListener("keydown", (event) => { key = event.key; });
      group.addEventListener("keyup", (event) => { if (event.key === " " && event.target.type === "radio") fold(); });
      group.addEventListener("pointerdown", () => { key = ""; });
      for (const radio of radios) radio.addEventListener("click", () => { if (!key.startsWith("Arrow")) fold(); });
      group.addEventListener("focusout", (event) => { if (key === "Tab" && !group.contains(event.relatedTarget)) fold(); });
      // what is wrong with an answer stands with all there is to choose from
      return () => { if (group.classList.contains("invalid")) unfold(); else fold(); };
    });

    // why it is relevant is asked for a far field alone; what was typed there is never out of sight
    const field = named("field"), why = form.querySelector(".relevance"), known = field.querySelector("optgroup") !== null;
    const ask = () => {
      if (!known) return;
      const far = field.selectedOptions[0] && field.selectedOptions[0].closest("[data-far]");
      why.hidden = !far && !holds(why) && !why.querySelector(".invalid");
    };
    if (known) {
      why.querySelector("details").open = true;
      why.querySelector("summary").hidden = true;
    }
    field.addEventListener("change", ask);

    // Enter goes on to the next answer; only the button sends
    const reachable = (each) => each.matches("input:not([type=hidden], .picker), select, textarea") && each.getClientRects().length > 0 && !each.closest("details:not([open])");
    for (const input of all("input[type=text]")) input.setAttribute("enterkeyhint", "next");
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || !event.target.matches("input:not([type=file])")) return;
      event.preventDefault();
      const fields = Array.from(form.elements).filter(reachable), next = fields[fields.indexOf(event.target) + 1];
      if (next && event.target.type === "text") next.focus();
    });

    // as the form stands when it is opened, and when a browser or a tab has put answers back
    const stand = () => {
      for (const fold of folding) fold();
      for (const part of all("details.fold")) if (holds(part)) part.open = true;
      ask();
      mark();
    };
    form.addEventListener("input", () => { form.classList.add("typing"); mark(); });
    form.addEventListener("change", (event) => { if (event.target === form) stand(); });
    window.addEventListener("pageshow", stand);
    stand();
  }
})();
