"""Print the JSON schema of the configuration, or the page that describes it (`make schema`)."""

import sys

from oneclass.config import reference, schema

print({"schema": schema, "reference": reference}[sys.argv[1]](), end="")
