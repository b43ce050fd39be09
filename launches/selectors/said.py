"""What launches are called, and why things happened to them, in the languages that people are written to in."""

import re

# The destinations that come with the system; one that an employee adds keeps its own name.
_DESTINATIONS = {
    "the edge of space": "el borde del espacio",
    "low Earth orbit": "la órbita terrestre baja",
    "the Space Station": "la Estación Espacial",
    "polar orbit": "la órbita polar",
    "sun-synchronous orbit": "la órbita heliosíncrona",
    "Earth orbit": "la órbita terrestre",
    "high Earth orbit": "la órbita terrestre alta",
    "the Moon": "la Luna",
    "Mars": "Marte",
    "deep space": "el espacio profundo",
}
# Reasons that the system itself gives; those of people stay as they wrote them.
_REASONS = (
    (
        re.compile(r"Not viable: (\d+) of (\d+) seats were sold, (\d+) would have been needed\."),
        r"No viable: se vendieron \1 de \2 asientos y hacían falta \3.",
    ),
    (re.compile(r"Failed, as the published schedule says\."), "Sin éxito, según el calendario publicado."),
    (re.compile(r"Moved in the published launch schedule\."), "Cambio en el calendario publicado de lanzamientos."),
)


def title_said(*, rocket: str, destination: str, language: str) -> str:
    """Name a launch as people do: "New Shepard to the edge of space", "New Shepard al borde del espacio"."""
    if language != "es":
        return f"{rocket} to {destination}"
    where = destination_said(name=destination, language=language)
    return f"{rocket} al {where[3:]}" if where.startswith("el ") else f"{rocket} a {where}"


def destination_said(*, name: str, language: str) -> str:
    """Name a destination."""
    return _DESTINATIONS.get(name, name) if language == "es" else name


def reason_said(*, reason: str, language: str) -> str:
    """Say why something happened; a person's own words stay as they are."""
    if language == "es":
        for pattern, words in _REASONS:
            if pattern.fullmatch(reason):
                return pattern.sub(words, reason)
    return reason
