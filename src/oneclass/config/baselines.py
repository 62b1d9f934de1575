"""Systems of other papers, trained on the images of each class."""

from pydantic import Field

from oneclass.catalogue.methods import of_kind
from oneclass.catalogue.records import Baseline
from oneclass.config.base import Count, Distinct, require
from oneclass.config.inputs import Inputs, Part, require_same_transform
from oneclass.config.methods import require_settings


class Baselines(Part):
    """What both papers compare their methods with: systems that are trained on the images of each class."""

    datasets: Distinct[str] = Field(min_length=1)
    methods: Distinct[str] = Field(min_length=1, description="such as gt, csi or deep_svdd")
    options: dict[str, dict[str, float | str]] = Field(
        {}, description="settings of methods, such as {gt: {epochs: 5}}, where not their papers'"
    )
    pools: dict[str, str] = Field(
        {}, description="outliers, by data set; where not given, methods that need them are not run"
    )
    outliers: Count | None = Field(None, description="number of a pool's images, drawn at random; all of them if null")
    backbone: str | None = Field(None, description="what methods start from that need a pretrained network")
    repetitions: Count = Field(1, description="they differ in first weights, batches and augmentation")
    bootstrap: Count = Field(1000, description="resamples behind each 95 percent interval")
    classes_per_job: Count | None = Field(None, description="split a data set's classes over several jobs")

    def methods_on(self, dataset: str) -> list[str]:
        """The methods that are run on ``dataset``."""
        known = of_kind(Baseline, "images")
        return [name for name in self.methods if "outliers" not in known[name].needs or dataset in self.pools]

    def check(self, where: str, inputs: Inputs) -> None:
        known = of_kind(Baseline, "images")
        for name in [*self.datasets, *self.pools]:
            require(name, inputs.datasets, where, "data set")
        for name in self.methods:
            require(name, known, f"{where}.methods", "method")
            if "backbone" in known[name].needs and self.backbone is None:
                raise ValueError(f"{where}.methods: '{name}' starts from a pretrained network; name it in backbone")
            if "outliers" in known[name].needs and not self.pools:
                raise ValueError(f"{where}.methods: '{name}' is trained with outliers; name a pool in {where}.pools")
        if self.backbone is not None:
            require(self.backbone, inputs.backbones, where, "backbone")
        require_settings(self.options, known, f"{where}.options", "method")
        for dataset, pool in self.pools.items():
            require_same_transform(dataset, pool, inputs, f"{where}.pools.{dataset}")
