// Stripe's own form in the payment page: it asks for the card, and leads through the bank's check if there is one.
(function () {
  "use strict";
  const form = document.querySelector("[data-card-form]");
  if (!form || !window.Stripe) return;
  const stripe = window.Stripe(form.dataset.key), clientSecret = form.dataset.secret, goOn = form.dataset.return;
  const error = form.querySelector("[data-card-error]"), button = form.querySelector("button");

  function tell(problem) {
    error.textContent = problem.message || "Stripe did not take the card. Nothing was charged; please try again.";
    error.hidden = false;
    button.disabled = false;
  }

  function lookAgain() {
    window.location.assign(goOn + "?payment_intent=1");
  }

  stripe.retrievePaymentIntent(clientSecret).then(({ paymentIntent, error: problem }) => {
    document.querySelector("[data-card-waiting]").hidden = true;
    form.hidden = false;
    if (problem) return tell(problem);
    if (paymentIntent.status === "requires_action") {
      button.disabled = true;
      return stripe.handleNextAction({ clientSecret }).then((done) => (done.error ? tell(done.error) : lookAgain()));
    }
    const elements = stripe.elements({ clientSecret });
    elements.create("payment").mount(form.querySelector("[data-card-fields]"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      button.disabled = true;
      error.hidden = true;
      stripe.confirmPayment({ elements, confirmParams: { return_url: goOn }, redirect: "if_required" })
        .then((done) => (done.error ? tell(done.error) : lookAgain()));
    });
  });
})();
