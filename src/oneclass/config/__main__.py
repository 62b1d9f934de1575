"""Print the JSON schema of the configuration (`make schema`)."""

from oneclass.config import schema

print(schema(), end="")
