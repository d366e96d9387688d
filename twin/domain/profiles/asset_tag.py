"""An inventory label: whose thing this is, and its number in the owner's books."""

from twin.domain.actor import Audience
from twin.domain.profiles import FaceField, Profile, link

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
