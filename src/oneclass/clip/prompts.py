"""The texts that images are compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Prompts:
    """``templates`` of normal classes, the text that fits ``something`` else, and class names that are corrected.

    A name that is not in ``class_names`` is taken as it is, underscores included, as in the authors' code.
    """

    templates: Sequence[str]
    something: str
    class_names: Mapping[str, str]

    def text(self, template: str, class_name: str) -> str:
        """The prompt of one class."""
        return template.replace("{label}", self.class_names.get(class_name, class_name))

    def texts(self, classes: Sequence[str]) -> list[str]:
        """Every prompt that any task on ``classes`` needs, each once."""
        of_classes = [self.text(template, name) for template in self.templates for name in classes]
        return list(dict.fromkeys([*of_classes, self.something]))


def normal_classes(task: str, class_name: str, classes: Sequence[str]) -> list[str]:
    """The classes whose prompts stand for normal in ``task``: the others where ``class_name`` is left out, else it."""
    return [name for name in classes if name != class_name] if task == "leave_one_out" else [class_name]
