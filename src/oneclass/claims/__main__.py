"""Print the page that lists the claims (`make claims`)."""

from oneclass.claims.reference import reference

print(reference(), end="")
