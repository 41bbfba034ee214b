/* What the console does better with JavaScript. Every page works without it. */
(() => {
  "use strict";

  // Theme: follows the system until the reader chooses. Set before the page is painted, so this file is
  // loaded in the head without defer; it is small and cached.
  const root = document.documentElement;
  const remembered = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage may be switched off
    }
  };
  const choose = (theme) => {
    root.dataset.theme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      /* the choice then lasts for this page */
    }
  };
  const stored = remembered();
  if (stored === "light" || stored === "dark") root.dataset.theme = stored;

  const isDark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

  // A confirm page as a dialog. The page itself is fetched, so both ways show the same words.
  const ask = async (link) => {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector("[data-confirm]");
    if (!answer.ok || !part) throw new Error("no confirm page");
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    dialog.append(document.adoptNode(part));
    const title = part.querySelector("h1");
    if (title) {
      title.id = "dialog-title";
      title.tabIndex = -1;
      title.autofocus = true; // the question is read first, and Enter alone confirms nothing
      dialog.setAttribute("aria-labelledby", title.id);
    }
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-cancel]")) {
        event.preventDefault();
        dialog.close();
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      link.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  };

  const wire = () => {
    document.querySelectorAll("[data-needs-script]").forEach((each) => (each.hidden = false));

    document.addEventListener("click", (event) => {
      const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
      const link = event.target.closest("a[data-ask]");
      if (link && plain && "showModal" in HTMLDialogElement.prototype) {
        event.preventDefault();
        ask(link).catch(() => location.assign(link.href));
        return;
      }
      if (event.target.closest("[data-theme-toggle]")) choose(isDark() ? "light" : "dark");
      if (event.target.closest("[data-print]")) print();

      // A click anywhere on a row follows its link, unless it meant something else (or selected text).
      const row = event.target.closest("tr[data-row]");
      const busy = event.target.closest("a, button, input, select, label, summary");
      if (row && plain && !busy && getSelection().isCollapsed) row.querySelector("a[data-row-link]")?.click();
    });

    // What "More" opened closes with Escape, and when something else is pressed.
    const opened = () => document.querySelector("details.actions-more[open]");
    document.addEventListener("click", (event) => {
      const menu = opened();
      if (menu && !menu.contains(event.target)) menu.open = false;
    });
    document.addEventListener("keydown", (event) => {
      const menu = event.key === "Escape" && opened();
      if (!menu) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });

    // "/" goes to the search, but for where somebody is writing.
    document.addEventListener("keydown", (event) => {
      const field = document.getElementById("seek");
      const writing = event.target.closest("input, select, textarea, [contenteditable], dialog");
      if (event.key !== "/" || event.metaKey || event.ctrlKey || event.altKey || writing || !field?.offsetParent) return;
      event.preventDefault();
      field.select();
    });

    // What is wider than its place is scrolled by keys, too.
    document.querySelectorAll(".table-wrap").forEach((wrap) => {
      if (wrap.scrollWidth <= wrap.clientWidth || wrap.querySelector("a, button, input, select")) return;
      wrap.tabIndex = 0;
      wrap.setAttribute("role", "region");
      wrap.setAttribute("aria-label", wrap.querySelector("caption")?.textContent ?? "");
    });

    // One tick chooses every row of the page, and tells when all of them are.
    const picks = [...document.querySelectorAll("input[name=pick]")];
    const all = document.querySelector("[data-pick-all]");
    const told = () => {
      const ticked = picks.filter((each) => each.checked).length;
      all.checked = ticked === picks.length;
      all.indeterminate = ticked > 0 && ticked < picks.length;
    };
    all?.addEventListener("change", () => picks.forEach((each) => (each.checked = all.checked)));
    if (all) picks.forEach((each) => each.addEventListener("change", told));
    if (all) told(); // the browser may have kept what was ticked

    // A second press while the first is on its way sends nothing; the server would not act on it twice either.
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.method !== "post") return;
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      setTimeout(() => form.querySelectorAll("button").forEach((each) => (each.disabled = true)));
    });
    addEventListener("pageshow", (event) => {
      if (!event.persisted) return; // back from the browser's memory: forms are usable again
      document.querySelectorAll("form[data-sent]").forEach((form) => {
        delete form.dataset.sent;
        form.querySelectorAll("button").forEach((each) => (each.disabled = false));
      });
    });
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", wire);
  else wire();
})();
