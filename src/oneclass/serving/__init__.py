"""A finished detector as a service: an HTTP interface, and a page for people (docs/detector.md)."""
