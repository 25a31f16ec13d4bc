"""How moments look wherever a page doesn't say otherwise. Django finds these files by FORMAT_MODULE_PATH."""
