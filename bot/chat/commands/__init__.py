"""The slash commands and menu commands, a file for each group."""
