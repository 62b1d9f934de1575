"""Data sets and pools of outliers, and how features of their images are computed."""

from typing import Literal, Self

from pydantic import Field, model_validator

from oneclass.config.base import Count, Distinct, PathText, Section

Task = Literal["one_vs_rest", "leave_one_out", "defect"]


class Transform(Section):
    """Image geometry before the backbone: resize to a square, then cut out its centre (paper: 256, 224). Networks that
    are trained on pixels have their own."""

    resize: Count = Field(256, description="pixels per side of the whole image")
    crop: Count | None = Field(224, description="pixels per side of what is cut out; null: nothing is")

    @model_validator(mode="after")
    def _crop_fits(self) -> Self:
        if self.crop is not None and self.crop > self.resize:
            raise ValueError(f"crop {self.crop} is larger than resize {self.resize}; make it smaller or null")
        return self


class Images(Section):
    """Where images come from, and which of them are taken."""

    source: str = Field(description="where images come from; docs/extending.md lists the layouts of folders")
    label: str | None = Field(None, description="name in tables and figures; the name in this file where null")
    path: PathText | None = Field(
        None, description="folder of the images, if not the source's own name under data_root"
    )
    granularity: Literal["fine", "coarse"] = Field("fine", description="cifar100: 100 classes or 20 superclasses")
    keep: Distinct[str] | None = Field(None, min_length=1, description="classes it is made of; the source's if null")
    transform: Transform = Field(Transform(), description="for a pool: that of the data set that it is used with")


class Dataset(Images):
    """A data set, and what is asked of it."""

    task: Task = Field(description="which images are normal in a run: one class, all but one, or those without defect")
    classes: Distinct[str] | None = Field(None, min_length=1, description="normal classes to run; all of them if null")
    image_size: Count | None = Field(
        None, description="pixels a side of its images, where the source does not know; at most 32: thumbnails"
    )
    base: str | None = Field(None, description="drawn_defects: data set on whose normal test images defects are drawn")
    defect_contrast: float = Field(0.5, gt=0, le=1, description="drawn_defects, detector: contrast of drawn defects")
    test_fraction: float = Field(0.3, gt=0, lt=1, description="share held out where the source has no split")
    train_per_class: Count | None = Field(None, description="keep at most this many training images per class")
    test_per_class: Count | None = Field(None, description="keep at most this many test images per class")

    @model_validator(mode="after")
    def _drawn_on_a_base(self) -> Self:
        drawn = self.source == "drawn_defects"
        if drawn != (self.base is not None):
            raise ValueError("'base', the data set to draw on, goes with source drawn_defects and with no other")
        if drawn and self.task != "defect":
            raise ValueError("drawn_defects have their own normal and anomalous images; set task: defect")
        if drawn and self.path is not None:
            raise ValueError("drawn_defects are written into results; leave out path")
        return self


class OutlierPool(Images):
    """Pictures shown to networks as outliers: all images of a source, less what belongs to the benchmark."""

    split: Literal["train", "test"] | None = Field(None, description="only this part of the source; all of it if null")
    exclude: Distinct[str] = Field([], description="classes left out, so that no anomaly of a benchmark is in the pool")
    exclude_file: PathText | None = Field(
        None, description="file of further classes to leave out, one per line; imagenet1k, imagenet30: their wnids"
    )
    limit: Count | None = Field(None, description="keep at most this many images")
    stored: bool = Field(
        True, description="decode all images once; false: from their files, batch by batch, where they are millions"
    )

    @model_validator(mode="after")
    def _not_drawn(self) -> Self:
        if self.source == "drawn_defects":
            raise ValueError("drawn_defects are a data set's; no pool can be made of them")
        return self


class Extraction(Section):
    """How features are computed; none of this changes what is measured."""

    layers: Distinct[Count] = Field(
        [], description="also cache maps of these feature levels (1 is the first), in float16"
    )
    workers: Count = Field(2, description="threads that decode images")
    batch_size: Count | None = Field(None, description="images per forward pass; null chooses by device")
