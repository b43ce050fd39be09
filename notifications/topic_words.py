"""
What topics of messages are called, in each language: on the page where people choose, and in the foot of mails.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TopicWords:
    """
    A topic as people read it.

    why: why it cannot be switched off; an optional one has none. said: what the foot of its mails calls it; a required
    one is never named there.
    """

    label: str
    about: str
    why: str = ""
    said: str = ""


ENGLISH = {
    "account": TopicWords(
        label="Your account and its security",
        about="Confirming your e-mail, new passwords, sign-ins from new places.",
        why="They protect your account, and some of their links are the only way into it.",
    ),
    "trips": TopicWords(
        label="Your trips",
        about="Bookings, cancellations, new departure times, and the questions we ask when a launch slips.",
        why="You paid for these seats; whoever sells a journey must tell you when it changes.",
    ),
    "money": TopicWords(
        label="Invoices and refunds",
        about="Invoices, credit notes, money on its way back to you.",
        why="Tax law has us send you these papers.",
    ),
    "launch_news": TopicWords(
        label="Good news of your launches",
        about="The supplier has confirmed that your launch will fly; your launch has flown.",
        said="good news of your launches",
    ),
    "new_launches": TopicWords(
        label="New launches",
        about="Launches that have just gone on sale, while you fly with us often enough to hear of them first.",
        said="new launches",
    ),
    "waiting": TopicWords(
        label="Waiting lists",
        about="Seats free for you for 24 hours; the end of a waiting list. Without mails you keep your place.",
        said="waiting lists",
    ),
    "reminders": TopicWords(
        label="Reminders",
        about="Held seats that lapse in a few minutes; a question about a slip that you have not answered yet.",
        said="reminders",
    ),
    "selling": TopicWords(
        label="Your company and its launches at risk",
        about="Approval and suspension; launches that will be aborted unless they sell more seats or are confirmed.",
        why="They decide whether you can sell, and have deadlines.",
    ),
    "supplier_money": TopicWords(
        label="Invoices, statements and payouts",
        about="Our invoices and their reminders, settlements of your launches, money paid out to you.",
        why="Tax law has us send you these papers.",
    ),
    "bookings": TopicWords(
        label="Bookings",
        about="Seats sold, changed, moved or given back.",
        said="bookings",
    ),
    "launches": TopicWords(
        label="Moves of your launches",
        about="A launch of yours went on sale, is confirmed, delayed, aborted, or has flown.",
        said="moves of launches",
    ),
    "failures": TopicWords(
        label="What needs somebody",
        about="Refunds, repairs, jobs and events that fail; books that differ; damage to the audit trail.",
        why="Somebody has to act on them, and it may be you.",
    ),
    "papers": TopicWords(
        label="Papers of suppliers",
        about="For finance: invoices, overdue ones and statements of suppliers; a day's sum of customers' invoices.",
        said="papers of suppliers",
    ),
    "repairs": TopicWords(
        label="What repairs itself",
        about="Differences between the stores that were repaired, words of messages that fail; both are for IT.",
        said="what repairs itself",
    ),
}
SPANISH = {
    "account": TopicWords(
        label="Su cuenta y su seguridad",
        about="Confirmar su correo, contraseñas nuevas, inicios de sesión desde lugares nuevos.",
        why="Protegen su cuenta, y algunos de sus enlaces son la única forma de entrar en ella.",
    ),
    "trips": TopicWords(
        label="Sus viajes",
        about="Reservas, cancelaciones, nuevas salidas y las preguntas que hacemos cuando un lanzamiento se retrasa.",
        why="Usted pagó estos asientos; quien vende un viaje debe decirle cuándo cambia.",
    ),
    "money": TopicWords(
        label="Facturas y reembolsos",
        about="Facturas, notas de crédito, dinero que va camino de su cuenta.",
        why="La ley fiscal nos obliga a enviarle estos documentos.",
    ),
    "launch_news": TopicWords(
        label="Buenas noticias de sus lanzamientos",
        about="El proveedor ha confirmado que su lanzamiento volará; su lanzamiento ha volado.",
        said="buenas noticias de sus lanzamientos",
    ),
    "new_launches": TopicWords(
        label="Nuevos lanzamientos",
        about="Lanzamientos recién salidos a la venta, mientras vuele bastante con nosotros para saberlo primero.",
        said="nuevos lanzamientos",
    ),
    "waiting": TopicWords(
        label="Listas de espera",
        about="Asientos libres para usted 24 horas; el final de una lista de espera. Sin correos conserva su puesto.",
        said="listas de espera",
    ),
    "reminders": TopicWords(
        label="Recordatorios",
        about="Asientos apartados que caducan en minutos; una pregunta sobre un retraso que aún no ha respondido.",
        said="recordatorios",
    ),
    "selling": TopicWords(
        label="Su empresa y sus lanzamientos en riesgo",
        about="Aprobación y suspensión; lanzamientos que se cancelarán si no venden más asientos o no se confirman.",
        why="Deciden si puede vender, y tienen plazos.",
    ),
    "supplier_money": TopicWords(
        label="Facturas, liquidaciones y pagos",
        about="Nuestras facturas y sus recordatorios, las liquidaciones de sus lanzamientos, el dinero que le pagamos.",
        why="La ley fiscal nos obliga a enviarle estos documentos.",
    ),
    "bookings": TopicWords(
        label="Reservas",
        about="Asientos vendidos, modificados, cambiados de lanzamiento o devueltos.",
        said="reservas",
    ),
    "launches": TopicWords(
        label="Cambios de sus lanzamientos",
        about="Un lanzamiento suyo salió a la venta, está confirmado, aplazado o cancelado, o ha volado.",
        said="cambios de los lanzamientos",
    ),
    "failures": TopicWords(
        label="Lo que necesita a alguien",
        about="Reembolsos, reparaciones, tareas y eventos que fallan; cuentas que no cuadran; daños en la auditoría.",
        why="Alguien tiene que ocuparse de ello, y puede que sea usted.",
    ),
    "papers": TopicWords(
        label="Documentos de proveedores",
        about="Para finanzas: facturas de proveedores, vencidas y liquidaciones; la suma diaria de las de clientes.",
        said="documentos de proveedores",
    ),
    "repairs": TopicWords(
        label="Lo que se repara solo",
        about="Diferencias reparadas entre los almacenes y textos de mensajes que fallan; "
        "ambas son para el equipo de TI.",
        said="lo que se repara solo",
    ),
}
WORDS = {"en": ENGLISH, "es": SPANISH}
