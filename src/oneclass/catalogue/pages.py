"""The catalogue of pages, in the order of the report. A new page is a function in ``tables`` or ``figures`` and an entry."""

from oneclass.catalogue.pages_clip import CLIP_PAGES
from oneclass.catalogue.pages_defects import DEFECT_PAGES
from oneclass.catalogue.pages_exposure import EXPOSURE_PAGES
from oneclass.catalogue.pages_frequencies import FREQUENCY_PAGES
from oneclass.catalogue.pages_objective import OBJECTIVE_PAGES
from oneclass.catalogue.pages_outliers import OUTLIER_PAGES

PAGES = (*OBJECTIVE_PAGES, *DEFECT_PAGES, *EXPOSURE_PAGES, *FREQUENCY_PAGES, *CLIP_PAGES, *OUTLIER_PAGES)
