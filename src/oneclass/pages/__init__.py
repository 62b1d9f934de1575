"""The pages, tables and figures: what each is called and shows, and how it is made."""
