"""Exports of everything about one person: asked for by them or by staff, made by a job, downloaded by who asked."""
