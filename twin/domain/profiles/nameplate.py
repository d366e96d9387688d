"""The digital nameplate: what a product's rating plate says, and the identification link that leads to the rest.

The printed fields are the properties of the submodel Nameplate that a person reads.

References:
    IDTA 02006-3-0, Digital Nameplate (which properties are mandatory); IEC 61406-1:2022, 2D-1 to 2D-6 (symbology,
    module size, error correction) and ILS-8 (scheme and host in lower case): NOT VERIFIED, from one public
    implementation
"""

from twin.domain.profiles import FaceField, FieldKind, Profile, Rule, link
from twin.domain.template import BoxElement, FieldsElement, SymbolElement, Template, TextElement

_IDTA = "IDTA 02006-3-0"


PROFILE = Profile(
    title="nameplate",
    description="The nameplate of a product, with the link to its digital nameplate.",
    face=(
        FaceField("manufacturerName", "Manufacturer", required=True, clause=f"{_IDTA}, ManufacturerName"),
        FaceField(
            "manufacturerProductDesignation",
            "Product",
            required=True,
            clause=f"{_IDTA}, ManufacturerProductDesignation",
        ),
        FaceField("addressInformation", "Address", required=True, longest=200, clause=f"{_IDTA}, AddressInformation"),
        FaceField(
            "orderCodeOfManufacturer",
            "Order code",
            required=True,
            longest=50,
            clause=f"{_IDTA}, OrderCodeOfManufacturer",
        ),
        FaceField("serialNumber", "Serial number", FieldKind.SERIAL, longest=50, clause=f"{_IDTA}, SerialNumber"),
        FaceField(
            "yearOfConstruction",
            "Year of construction",
            FieldKind.YEAR,
            longest=4,
            clause=f"{_IDTA}, YearOfConstruction",
        ),
        FaceField(
            "dateOfManufacture",
            "Date of manufacture",
            FieldKind.DATE,
            longest=10,
            clause=f"{_IDTA}, DateOfManufacture",
        ),
        FaceField("hardwareVersion", "Hardware", longest=40, clause=f"{_IDTA}, HardwareVersion"),
        FaceField("firmwareVersion", "Firmware", longest=40, clause=f"{_IDTA}, FirmwareVersion"),
        FaceField("softwareVersion", "Software", longest=40, clause=f"{_IDTA}, SoftwareVersion"),
        FaceField(
            "countryOfOrigin", "Country of origin", FieldKind.COUNTRY, longest=2, clause=f"{_IDTA}, CountryOfOrigin"
        ),
        FaceField("uniqueFacilityIdentifier", "Facility", longest=80, clause=f"{_IDTA}, UniqueFacilityIdentifier"),
    ),
    identity=None,
    carriers=(
        link(
            "qr",
            "datamatrix",
            least_module_mm=0.25,
            options={"level": "Q"},
            clause="IEC 61406-1:2022, 2D-1 to 2D-6 (unverified)",
        ),
    ),
    rules=(
        Rule(
            "date.year",
            "The date of manufacture is of the year of construction.",
            lambda face: (
                f"expected a date of {face['yearOfConstruction']}, found {face['dateOfManufacture']}."
                if "yearOfConstruction" in face
                and not face.get("dateOfManufacture", face["yearOfConstruction"]).startswith(face["yearOfConstruction"])
                else None
            ),
            path=("face", "dateOfManufacture"),
            clause=f"{_IDTA}, DateOfManufacture",
        ),
    ),
    lower_case_link=True,
)

TEMPLATE = Template(
    profile="nameplate",
    width=100,
    height=50,
    elements=(
        BoxElement(0.8, 0.8, 98.4, 48.4, thickness=0.3),
        TextElement(3, 3.5, 68, 3, "{manufacturerName}", size=3, least=1.5),
        TextElement(3, 9, 68, 2.5, "{manufacturerProductDesignation}", size=2.5, least=1.2),
        TextElement(3, 14, 68, 5, "{addressInformation}", size=1.8, least=1, wrap=True),
        FieldsElement(
            3,
            21,
            68,
            26,
            size=1.8,
            least=1.2,
            fields=(
                "orderCodeOfManufacturer",
                "serialNumber",
                "yearOfConstruction",
                "dateOfManufacture",
                "hardwareVersion",
                "firmwareVersion",
                "softwareVersion",
                "countryOfOrigin",
                "uniqueFacilityIdentifier",
            ),
        ),
        SymbolElement(73, 3, carrier="link", module=0.42, frame=True),
        TextElement(74, 30, 20, 1.6, "{linkId}", size=1.6, least=1.2, font="ocr"),
    ),
)

SAMPLE = {
    "manufacturerName": "Hofmann GmbH",
    "manufacturerProductDesignation": "Durchflussmesser DF-5",
    "addressInformation": "Werkstrasse 3, 80331 München, Germany",
    "orderCodeOfManufacturer": "DF5-A-01",
    "serialNumber": "SN-4711",
    "yearOfConstruction": "2026",
    "dateOfManufacture": "2026-11-22",
    "countryOfOrigin": "DE",
}
