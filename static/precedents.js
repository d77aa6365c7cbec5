// While a title is typed: what was answered before about something like it. Without this file the list of all answers is a link away.
(() => {
  "use strict";
  for (const field of document.querySelectorAll("[data-nearest-by]")) {
    const title = document.getElementById(field.dataset.nearestBy);
    if (!title) continue;
    let timer, running, last = title.value.trim();
    const ask = async () => {
      const typed = title.value.trim();
      if (typed === last) return;
      last = typed;
      if (running) running.abort();
      running = new AbortController();
      try {
        const answer = await fetch("/precedents/nearest?title=" + encodeURIComponent(typed.slice(0, 300)), { credentials: "same-origin", signal: running.signal });
        if (answer.ok && !answer.redirected) field.innerHTML = await answer.text();
      } catch { /* the next key asks again */ }
    };
    title.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 350); });
    ask();
  }
})();
