"""The calendar of a person: their lessons by day, on the page `/calendar`."""
