"""
The design system of the three portals: layouts, components, drawn pictures, decorators for views, htmx glue.

It owns how pages look and how failures are told; it knows no launch, no booking and no table.

Pages
    {% extends "shared/layout_customer.html" %}   night header; also layout_supplier, layout_employee (dense, side
                                                  navigation), layout_plain (sign-in and other short pages).
    Blocks: title, body_class, styles, scripts, header, nav, hero, page, content, footer; plain also: panel_class,
            after.
    Context: nav_items = navigation.mark_current(entries=[(label, url), ...], path=request.path),
             footer_items = [(label, url)].
    Title of a page with a form: {% block title %}{% error_prefix form %}Passengers · Astro Bookings{% endblock %}
    Hero: <section class="hero hero--landing" (or hero--short) aria-labelledby="t"><div class="wrap hero__body">
          <h1 class="hero__title" id="t">..</h1><p class="hero__lead">..</p>
          <div class="hero__foot"><form class="search-panel">..</form></div></div></section>
    Messages of django.contrib.messages are shown by the layouts; problem pages are 400, 403, 404, 500 and 503.html.

{% load components %}
    {{ amount|money:currency }}                        {% departure at precision zone %}      {% moment at zone %}
    {% error_summary form formset %}
    {% field form.email autocomplete="email" hint=".." size="medium" %}  (other keywords: attributes of the input)
    {% badge "Last seat" "accent" %}                   {% state_badge booking.status %} (tone by its code)
    {% fill_bar taken total %}                         {% fill_bar taken total words="sold" %} (for those who sell)
    {% hold_timer hold.expires_at expired_url=url %}   {% steps 2 "Seats" "Passengers" "Check" "Pay" %}
    {% pagination page_obj noun="launches" target="#rows" %}
    {% sort_header "Departs" "departure" css="table__figure" %}
    {% empty_state "No trips yet" "Text" "See the launches" url %}    {% breadcrumbs "Launches" "/" "New Shepard" %}
    {% stat "Collected" value "this month" url %}      {% definition_list pairs style="ruled" %}
    {% dialog id="x" title="Cancel?" %}..{% enddialog %} opened by <a href="/fallback/" data-dialog="x">
    {% cabin_plan seats name="seats" limit=4 %}        {% cabin_plan seats readonly=True title="Your seats" %}
        seats: list of cabin.SeatView(id, label, row, column, state, is_window, is_exit, price_text, note);
        state: free, mine (ticked), sold, held, blocked. Put data-seat-button="Choose seats" on the form's button
        to have it say "Continue with 2 seats".

{% load pictures %}
    {% mission_patch launch decorative=True %}   a launch (see pictures.patch_spec there) or a PatchSpec; size in CSS
        pixels as second argument, or inside <div class="patch--small|medium|large">.
    {% flight_profile range %}

Classes: layout wrap, page-head, split (split--aside, split--half), grid (grid--small, grid--stats, grid--two), stack,
    row, section; panel (panel--flush, panel__head); card (card__stage stage--<range>, card__body, card__eyebrow,
    card__flag, card__title, card__foot), price; facts (<dl>); table (table--cards with data-label on each td,
    table__figure, table--hover); filters (<form>), button (--primary, --danger, --quiet, --small, --wide), button-row;
    notice (--success, --warning, --error); choice (choice--card); tabs; timeline; task-list; reference; no-print,
    only-print. Forms that may be sent only once: data-once (and data-busy="Paying…" on the button); data-print prints.
    A change in styles/ needs `manage.py build_styles`.

Views
    htmx.render_page(request, "customer/launches.html", context, fragment="rows")   status=422: form with errors
    htmx.redirect_page(request, "customer:trip", reference=..)
    doors.customer_required, doors.supplier_required, doors.employee_required("finance", "it")  (admin always may)
    doors.translate_domain_errors(back_to="customer:launch")   refused change = message and back; page = problem page
    doors.errors_to_form(form, error), doors.errors_to_messages(request, error)
"""
