"""
The few words of messages that are not in the templates, in each language: buttons, headlines, names of things.

Templates say the sentences; what stands here is chosen by code, or shared by many of them.
"""

from launches import selectors as launch_selectors
from notifications.contents.letter import Reader

ENGLISH = {
    # buttons
    "choose_mails": "Choose my mails",
    "choose_password": "Choose a new password",
    "confirm_email": "Confirm my e-mail",
    "finish_booking": "Finish my booking",
    "not_me": "It was not me: set a new password",
    "answer_slip": "Keep, move or leave",
    "open_template": "Open the template",
    "open_trip": "Open my trip",
    "open_trail": "Open the trail",
    "open_booking": "Open the booking",
    "open_credit_note": "Open the credit note",
    "open_endpoint": "Open the endpoint",
    "open_invoice": "Open the invoice",
    "open_invoices": "Open the invoices",
    "open_launch": "Open the launch",
    "open_job": "Open the job",
    "open_events": "Open the events",
    "open_run": "Open the run",
    "open_statement": "Open the statement",
    "open_supplier_portal": "Open the supplier portal",
    "see_trips": "See my trips",
    "see_launch": "See the launch",
    "see_bookings": "See the launch's bookings",
    "see_offer": "See the offer",
    "open_refund": "Open the refund",
    "sign_in": "Sign in",
    # kinds of accounts
    "customer": "customer",
    "supplier": "supplier member",
    "employee": "employee",
    "api": "a program, through the API",
    # languages
    "en": "English",
    "es": "Spanish",
    # what of a booking was changed
    "full_name": "name",
    "email": "e-mail",
    "phone": "phone number",
    "birth_date": "date of birth",
    "seat": "seat",
    # what happened to a launch, for its supplier
    "launches.launch.scheduled": "is on sale",
    "launches.launch.confirmed": "is confirmed",
    "launches.launch.delayed": "is delayed",
    "launches.launch.aborted": "is aborted",
    "launches.launch.launched": "has flown",
    "launches.launch.failed": "has failed",
    "launches.launch.scheduled.then": "Customers can book its seats now; VIP customers were told first.",
    "launches.launch.confirmed.then": "Everybody with a booking is told that you will fly.",
    "launches.launch.delayed.then": "Bookings stay. Everybody with a booking is told the new departure.",
    "launches.launch.aborted.then": (
        "Every booking is cancelled and refunded in full; each customer is told with the amount."
    ),
    "launches.launch.launched.then": "Its bookings are completed. Thank you for flying our customers.",
    "launches.launch.failed.then": "Every booking is refunded in full; each customer is told with the amount.",
    # figures of a day
    "day_customer": "Invoices to customers",
    "day_credit_note": "Credit notes to customers",
    "day_declined": "Declined payments",
    # figures of a reconciliation
    "missing": "missing",
    "stale": "stale",
    "orphaned": "orphaned",
    "repaired": "repaired",
    "failed": "failed",
    "found": "found",
    "left": "left for you",
}

SPANISH = {
    "choose_mails": "Elegir mis correos",
    "choose_password": "Elegir una contraseña nueva",
    "confirm_email": "Confirmar mi correo",
    "finish_booking": "Terminar mi reserva",
    "not_me": "No fui yo: elegir otra contraseña",
    "answer_slip": "Conservar, cambiar o renunciar",
    "open_template": "Abrir la plantilla",
    "open_trip": "Abrir mi viaje",
    "open_trail": "Abrir el registro",
    "open_booking": "Abrir la reserva",
    "open_credit_note": "Abrir la nota de crédito",
    "open_endpoint": "Abrir el punto de entrega",
    "open_invoice": "Abrir la factura",
    "open_invoices": "Abrir las facturas",
    "open_launch": "Abrir el lanzamiento",
    "open_job": "Abrir la tarea",
    "open_events": "Abrir los eventos",
    "open_run": "Abrir la ejecución",
    "open_statement": "Abrir la liquidación",
    "open_supplier_portal": "Abrir el portal de proveedores",
    "see_trips": "Ver mis viajes",
    "see_launch": "Ver el lanzamiento",
    "see_bookings": "Ver las reservas del lanzamiento",
    "see_offer": "Ver la oferta",
    "open_refund": "Abrir el reembolso",
    "sign_in": "Iniciar sesión",
    "customer": "cliente",
    "supplier": "miembro de un proveedor",
    "employee": "personal de Astro Bookings",
    "api": "un programa, a través de la API",
    "en": "inglés",
    "es": "español",
    "full_name": "nombre",
    "email": "correo electrónico",
    "phone": "teléfono",
    "birth_date": "fecha de nacimiento",
    "seat": "asiento",
    "launches.launch.scheduled": "está a la venta",
    "launches.launch.confirmed": "está confirmado",
    "launches.launch.delayed": "está aplazado",
    "launches.launch.aborted": "está cancelado",
    "launches.launch.launched": "ha volado",
    "launches.launch.failed": "no ha tenido éxito",
    "launches.launch.scheduled.then": (
        "Los clientes ya pueden reservar sus asientos; los clientes VIP lo supieron primero."
    ),
    "launches.launch.confirmed.then": "A todos los que tienen una reserva se les comunica que usted volará.",
    "launches.launch.delayed.then": (
        "Las reservas se mantienen. A todos los que tienen una se les comunica la nueva salida."
    ),
    "launches.launch.aborted.then": (
        "Todas las reservas se cancelan y se devuelven por completo; a cada cliente se le comunica el importe."
    ),
    "launches.launch.launched.then": "Sus reservas están completadas. Gracias por volar con nuestros clientes.",
    "launches.launch.failed.then": (
        "Todas las reservas se devuelven por completo; a cada cliente se le comunica el importe."
    ),
    "day_customer": "Facturas a clientes",
    "day_credit_note": "Notas de crédito a clientes",
    "day_declined": "Pagos rechazados",
    "missing": "faltaban",
    "stale": "anticuados",
    "orphaned": "huérfanos",
    "repaired": "reparados",
    "failed": "fallidos",
    "found": "encontradas",
    "left": "pendientes de usted",
}
LANGUAGES = {"en": ENGLISH, "es": SPANISH}


def phrase(code: str, reader: Reader) -> str:
    """Return a phrase in the reader's language."""
    return LANGUAGES[reader.language][code]


def said_title(*, rocket: str, destination: str, reader: Reader) -> str:
    """Name a launch as people do: "New Shepard to the edge of space", "New Shepard al borde del espacio"."""
    return launch_selectors.title_said(rocket=rocket, destination=destination, language=reader.language)


def said_destination(name: str, reader: Reader) -> str:
    """Name a destination."""
    return launch_selectors.destination_said(name=name, language=reader.language)


def said_reason(reason: str, reader: Reader) -> str:
    """Say why something happened; a person's own words stay as they are."""
    return launch_selectors.reason_said(reason=reason, language=reader.language)
