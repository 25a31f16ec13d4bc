"""Imports in the admin site: files from spreadsheets and other systems (docs/staff.md, "Imports")."""
