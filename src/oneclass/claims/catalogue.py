"""The catalogue of claims, in the order in which readers see them. A new claim is an entry in a theme's file."""

from oneclass.claims.center import CENTER_CLAIMS
from oneclass.claims.claim import Theme
from oneclass.claims.closed_form import CLOSED_FORM_CLAIMS
from oneclass.claims.few import FEW_CLAIMS
from oneclass.claims.method import METHOD_CLAIMS
from oneclass.claims.outliers import OUTLIER_CLAIMS, with_heads
from oneclass.claims.single import SINGLE_CLAIMS
from oneclass.claims.transfer import TRANSFER_CLAIMS

THEMES = (
    Theme("The hypersphere's centre", CENTER_CLAIMS),
    Theme("The closed form", CLOSED_FORM_CLAIMS),
    Theme("How good the projector is", METHOD_CLAIMS),
    Theme("Many outliers", with_heads(OUTLIER_CLAIMS)),
    Theme("Few outliers", with_heads(FEW_CLAIMS)),
    Theme("One outlier", with_heads(SINGLE_CLAIMS)),
    Theme("Pretrained networks", TRANSFER_CLAIMS),
)
CLAIMS = tuple(claim for theme in THEMES for claim in theme.claims)
SOURCES = {source.name: source for claim in CLAIMS for source in claim.sources}
