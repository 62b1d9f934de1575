"""The catalogue of pages, in the report's order. A new page is a function in ``tables`` or ``figures`` and an entry."""

from oneclass.pages.clip import CLIP_PAGES
from oneclass.pages.exposure import EXPOSURE_PAGES
from oneclass.pages.objective import OBJECTIVE_PAGES
from oneclass.pages.outliers import OUTLIER_PAGES

PAGES = (*OBJECTIVE_PAGES, *EXPOSURE_PAGES, *CLIP_PAGES, *OUTLIER_PAGES)
