"""An inventory label: whose thing this is, and its number in the owner's books."""

from twin.domain.actor import Audience
from twin.domain.profiles import FaceField, Profile, link
from twin.domain.template import SymbolElement, Template, TextElement

PROFILE = Profile(
    title="asset tag",
    description="An inventory label: whose thing this is, and its number in the owner's books.",
    face=(
        FaceField("tag", "Asset number", required=True, longest=32),
        FaceField("owner", "Property of"),
        FaceField("note", "Note", audience=Audience.INTERNAL),
    ),
    identity=None,
    carriers=(link("qr", "datamatrix", least_module_mm=0.25),),
)

TEMPLATE = Template(
    profile="asset_tag",
    width=50,
    height=25,
    elements=(
        SymbolElement(1.5, 2, carrier="link", module=0.5),
        TextElement(24, 2.5, 24.5, 5, "{owner}", size=1.8, least=1, wrap=True),
        TextElement(24, 10, 24.5, 4, "{tag}", size=4, least=0.8),
        TextElement(24, 21, 24.5, 1.6, "{linkId}", size=1.6, least=1.2, font="ocr"),
    ),
)

SAMPLE = {
    "tag": "A-000123",
    "owner": "Hofmann GmbH",
}
