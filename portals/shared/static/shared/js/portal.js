// Progressive enhancement only: every page works without this file.
(function () {
  "use strict";

  const plural = (count, word) => count + " " + word + (count === 1 ? "" : "s");

  // --- held seats: count the minutes down, say the last ones aloud -------------------------------------------------
  const SAY_AT_MINUTES = [5, 2, 1];
  const WARN_BELOW_S = 120;

  function leftText(seconds) {
    if (seconds >= 7200) return plural(Math.floor(seconds / 3600), "hour") + " left";
    if (seconds >= 600) return plural(Math.floor(seconds / 60), "minute") + " left";
    const minutes = Math.floor(seconds / 60);
    return minutes + ":" + String(seconds % 60).padStart(2, "0") + " minutes left";
  }

  function tick(timer) {
    const end = Date.parse(timer.dataset.holdUntil);
    const left = timer.querySelector("[data-hold-left]");
    if (Number.isNaN(end) || !left) return;
    const seconds = Math.max(0, Math.round((end - Date.now()) / 1000));
    left.textContent = seconds ? leftText(seconds) : "The hold has ended";
    timer.classList.toggle("hold-timer--ending", seconds <= WARN_BELOW_S);
    const says = timer.querySelector("[data-hold-says]");
    if (says && seconds % 60 === 0 && SAY_AT_MINUTES.includes(seconds / 60)) {
      says.textContent = "Your seats are held for another " + plural(seconds / 60, "minute") + ".";
    }
    if (!seconds && !timer.dataset.holdOver) {
      timer.dataset.holdOver = "yes";
      if (says) says.textContent = "The hold on your seats has ended.";
      if (timer.dataset.holdExpired) window.location.assign(timer.dataset.holdExpired);
    }
  }

  setInterval(() => document.querySelectorAll("[data-hold-until]").forEach(tick), 1000);

  // --- seats: count what is ticked, move with the arrow keys --------------------------------------------------------
  function countSeats(cabin) {
    const ticked = cabin.querySelectorAll(".seat__input:checked:not(:disabled)").length;
    const limit = Number(cabin.dataset.limit) || 0;
    const output = cabin.querySelector("[data-seat-count]");
    if (output) {
      output.textContent = ticked === 0 ? "None chosen yet."
        : plural(ticked, "seat") + " chosen" + (limit && ticked > limit ? ", that is more than " + limit + "." : ".");
    }
    const button = cabin.form && cabin.form.querySelector("[data-seat-button]");
    if (button && ticked) button.textContent = "Continue with " + plural(ticked, "seat");
    else if (button && button.dataset.seatButton) button.textContent = button.dataset.seatButton;
  }

  const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  function moveInCabin(event) {
    const seat = event.target;
    if (!seat.classList || !seat.classList.contains("seat__input") || !ARROWS[event.key]) return;
    const [down, across] = ARROWS[event.key];
    const row = Number(seat.dataset.row), column = Number(seat.dataset.column);
    const all = Array.from(seat.closest("[data-cabin]").querySelectorAll(".seat__input:not(:disabled)"));
    const ahead = all.filter((other) => {
      const dr = Number(other.dataset.row) - row, dc = Number(other.dataset.column) - column;
      return down ? dr * down > 0 : dr === 0 && dc * across > 0;
    });
    const distance = (other) => {
      const dr = Math.abs(Number(other.dataset.row) - row), dc = Math.abs(Number(other.dataset.column) - column);
      return down ? dr * 100 + dc : dc;
    };
    ahead.sort((one, two) => distance(one) - distance(two));
    event.preventDefault();
    if (ahead.length) ahead[0].focus();
  }

  document.addEventListener("keydown", moveInCabin);
  document.addEventListener("change", (event) => {
    const cabin = event.target.closest && event.target.closest("[data-cabin]");
    if (cabin) countSeats(cabin);
  });

  // --- dialogs: a link or button opens them; the link still works without JavaScript --------------------------------
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog && dialog.showModal) {
      event.preventDefault();
      dialog.showModal();
    } else if (event.target.closest("[data-dialog-close]")) {
      event.target.closest("dialog").close();
    } else if (event.target.closest("[data-print]")) {
      window.print();
    }
  });

  // --- a form is sent once ------------------------------------------------------------------------------------------
  const idleWords = new WeakMap();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-once") || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const button = event.submitter;
    if (button) {
      button.setAttribute("aria-disabled", "true");
      if (button.dataset.busy) {
        idleWords.set(button, Array.from(button.childNodes));
        button.textContent = button.dataset.busy;
      }
    }
  });
  // A page that comes back from the browser's memory may be sent again.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((button) => {
        button.removeAttribute("aria-disabled");
        if (idleWords.has(button)) button.replaceChildren(...idleWords.get(button));
      });
    });
  });

  // --- what arrives: focus the error summary, count seats, tell what failed ------------------------------------------
  function settle(root) {
    const summary = root.querySelector("[data-focus]");
    if (summary) summary.focus();
    root.querySelectorAll("[data-cabin]").forEach(countSeats);
    root.querySelectorAll("[data-hold-until]").forEach(tick);
    root.querySelectorAll("[data-js-only]").forEach((part) => { part.hidden = false; });
    root.querySelectorAll("[data-no-js-only]").forEach((part) => { part.hidden = true; });
    root.querySelectorAll("[data-reader-zone]").forEach((field) => {
      field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    });
  }

  function tell(sentence) {
    const place = document.getElementById("messages");
    if (!place) return;
    const notice = document.createElement("div");
    const text = document.createElement("p");
    notice.className = "notice notice--error";
    text.textContent = sentence;
    notice.append(text);
    place.replaceChildren(notice);
    place.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("htmx:afterSettle", (event) => settle(event.detail.elt.parentElement || document));
  document.addEventListener("htmx:responseError", () => tell("That did not work on our side. What you see here is unchanged; please try again in a moment."));
  document.addEventListener("htmx:sendError", () => tell("We could not be reached. Check your connection and try again; nothing was lost."));
  document.addEventListener("htmx:timeout", () => tell("That took too long. Please try again; nothing was lost."));

  // --- the menu of the desks: browsers whose style sheet cannot show a closed one get it opened ----------------------
  const menu = document.querySelector("[data-menu]");
  if (menu && !CSS.supports("selector(::details-content)")) menu.open = matchMedia("(min-width: 62rem)").matches;

  settle(document);
})();
