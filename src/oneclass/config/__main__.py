"""Print the JSON schema of the configuration, or the page that describes it (`make schema`)."""

import sys

from oneclass.config import extension_schema, reference, schema

print({"schema": schema, "extension": extension_schema, "reference": reference}[sys.argv[1]](), end="")
