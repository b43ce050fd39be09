// Progressive enhancement of the customer's pages; every page works without this file.
(function () {
  "use strict";

  // --- the price of the ticked seats ----------------------------------------------------------------------------
  function sayTotal(form) {
    const total = form.querySelector("[data-seat-total]"), unit = form.querySelector("[data-seat-unit]");
    if (!total || !unit) return;
    const seats = form.querySelectorAll(".seat__input:checked:not(:disabled)").length;
    const price = Number(form.dataset.seatPrice) * Math.max(seats, 1);
    const digits = Number.isInteger(price) ? 0 : 2;
    total.textContent = new Intl.NumberFormat("en-US", {
      style: "currency", currency: form.dataset.currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
    }).format(price);
    unit.textContent = (seats > 1 ? "for " + seats + " seats" : "a seat") + ", everything included";
  }

  // --- the departure in the reader's own zone ---------------------------------------------------------------------
  function sayReaderTime(place) {
    const at = new Date(place.dataset.readerTime);
    if (Number.isNaN(at.getTime())) return;
    place.textContent = "Your time: " + new Intl.DateTimeFormat("en-GB", {
      day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
    }).format(at);
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest && event.target.closest("[data-seat-price]");
    if (form) sayTotal(form);
  });
  document.querySelectorAll("[data-seat-price]").forEach(sayTotal);
  document.querySelectorAll("[data-reader-time]").forEach(sayReaderTime);
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-seat-price]").forEach(sayTotal));
})();
