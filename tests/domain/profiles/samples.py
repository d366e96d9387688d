"""A label of each profile with which nothing is wrong: what the asset is called, and what a person enters."""

from __future__ import annotations

from collections.abc import Mapping

from twin.domain.profiles import profile

VIN = "1M8GDM9AXKP042788"
UII = "D1AB23PN123SER"
STATEMENT = (
    "THIS VEHICLE CONFORMS TO ALL APPLICABLE FEDERAL MOTOR VEHICLE SAFETY, BUMPER, AND THEFT PREVENTION STANDARDS IN "
    "EFFECT ON THE DATE OF MANUFACTURE SHOWN ABOVE."
)

SAMPLES: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "alterer_label": (
        (f"vin:{VIN}",),
        {"alteredBy": "HOFMANN BODY CO.", "altered": "11/2026", "inEffect": "10/2026", "gawrRear": "2700 LB"},
    ),
    "asset_tag": ((), {"tag": "A-000123", "owner": "Hofmann GmbH"}),
    "battery": (
        ("gs1:01/09506000134352/21/BAT42",),
        {
            "manufacturer": "Hofmann Energie GmbH",
            "contact": "Werkstrasse 3, 80331 München, hofmann.example",
            "category": "LMT",
            "model": "E-500",
            "madeIn": "München, Bayern, Germany",
            "manufactured": "11/2026",
            "weight": "3.2 kg",
            "capacity": "14",
            "chemistry": "Li-ion",
            "extinguishingAgent": "Water",
        },
    ),
    "certification_label": (
        (f"vin:{VIN}",),
        {
            "manufacturer": "HOFMANN TRUCKS INC.",
            "manufactured": "11/2026",
            "gvwr": "2449 KG (5400 LB)",
            "gawrFront": "1224 KG (2700 LB)",
            "gawrRear": "1224 KG (2700 LB)",
            "statement": STATEMENT,
            "type": "TRUCK",
        },
    ),
    "component_part": (
        ("part:1AB23/PN777/serial/SER",),
        {"lot": "L7", "manufactured": "11/2026", "countryOfOrigin": "DE"},
    ),
    "iuid": (
        (f"iuid:{UII}", "part:1AB23/PN123/serial/SER"),
        {"enterprise": "1AB23", "partNumber": "PN123", "serial": "SER", "description": "Valve"},
    ),
    "logistic_unit": (
        ("gs1:00/106141411234567897",),
        {"shipFrom": "Hofmann GmbH, München", "shipTo": "ACME, Lyon", "contents": "40 valves", "grossWeight": "612 kg"},
    ),
    "nameplate": (
        (),
        {
            "manufacturerName": "Hofmann GmbH",
            "manufacturerProductDesignation": "Durchflussmesser DF-5",
            "addressInformation": "Werkstrasse 3, 80331 München, Germany",
            "orderCodeOfManufacturer": "DF5-A-01",
            "serialNumber": "SN-4711",
            "yearOfConstruction": "2026",
            "dateOfManufacture": "2026-11-22",
            "countryOfOrigin": "DE",
        },
    ),
    "udi_gs1": (
        ("gs1:01/09506000134352/21/SER42",),
        {
            "productName": "Infusion pump",
            "manufacturer": "Hofmann Medical",
            "reference": "IP-5",
            "manufactured": "2026-11-22",
            "expires": "2031-11-22",
            "lot": "L7",
        },
    ),
    "udi_hibc": (
        ("hibc:A99912345/serial/S42",),
        {"productName": "Infusion pump", "manufactured": "2026-11-22", "expires": "2031-11-22", "lot": "L7"},
    ),
    "vin_plate": ((f"vin:{VIN}",), {"manufacturer": "Motor Coach", "modelYear": "1989"}),
}


def face_of(name: str, **changes: str | None) -> dict[str, str]:
    """The complete face of the sample, with other texts put in afterwards, or taken out, as no service lets them."""
    identifiers, given = SAMPLES[name]
    face = {**profile(name).complete_face(given, identifiers), **changes}
    return {field: text for field, text in face.items() if text is not None}
