"""The catalogue of pages, in the report's order. A new page is a function in ``tables`` or ``figures`` and an entry."""

from oneclass.catalogue.pages_clip import CLIP_PAGES
from oneclass.catalogue.pages_exposure import EXPOSURE_PAGES
from oneclass.catalogue.pages_objective import OBJECTIVE_PAGES
from oneclass.catalogue.pages_outliers import OUTLIER_PAGES

PAGES = (*OBJECTIVE_PAGES, *EXPOSURE_PAGES, *CLIP_PAGES, *OUTLIER_PAGES)
